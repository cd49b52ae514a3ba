//! Free ports on loopback.
//!
//! A gateway's port is known to the load balancer before the gateway runs, and stays when it is killed and started
//! again, so the system's own choice (port 0) will not do. Ports are taken from below those that the system hands out.

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hasher},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::{Mutex, PoisonError},
};

const FIRST: u16 = 20_000;
const COUNT: u64 = 12_000;
const TRIES: u32 = 500;

static GIVEN: Mutex<Vec<u16>> = Mutex::new(Vec::new());

/// An address on loopback that nobody listens on now and that was not given before.
pub fn free_address() -> Result<SocketAddr, String> {
    // Each is keyed by chance: programs that run side by side do not try the same ports in the same order.
    let mut chance = RandomState::new().build_hasher();
    for number in 0..TRIES {
        chance.write_u32(number);
        let port = FIRST + u16::try_from(chance.finish() % COUNT).unwrap_or(0);
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
        if !given.contains(&port) && TcpListener::bind(address).is_ok() {
            given.push(port);
            return Ok(address);
        }
    }
    Err(format!("{TRIES} ports from {FIRST} on were tried, and none is free"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_port_is_given_twice_and_each_can_be_listened_on() {
        let given: Vec<SocketAddr> = (0..20).map(|_| free_address().unwrap()).collect();
        let held: Vec<_> = given.iter().map(|address| TcpListener::bind(address).unwrap()).collect();
        assert_eq!(held.len(), 20);
    }
}
