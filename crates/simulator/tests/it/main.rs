//! The simulated insurers over real sockets, one file a behaviour.

#[cfg(test)]
mod alfastrah;
#[cfg(test)]
mod client;
#[cfg(test)]
mod determinism;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod ingosstrakh;
#[cfg(test)]
mod journal;
#[cfg(test)]
mod renessans;
#[cfg(test)]
mod risks;
