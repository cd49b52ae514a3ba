//! The simulated insurers over real sockets, one file a behaviour.

#[cfg(test)]
mod alfastrah;
#[cfg(test)]
mod alfastrah_sale;
#[cfg(test)]
mod avtocod;
#[cfg(test)]
mod bus;
#[cfg(test)]
mod callbacks;
#[cfg(test)]
mod client;
#[cfg(test)]
mod determinism;
#[cfg(test)]
mod dictionaries;
#[cfg(test)]
mod elmarket;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod ingosstrakh;
#[cfg(test)]
mod ingosstrakh_sale;
#[cfg(test)]
mod journal;
#[cfg(test)]
mod obrazets;
#[cfg(test)]
mod obrazets_sale;
#[cfg(test)]
mod payment_pages;
#[cfg(test)]
mod renessans;
#[cfg(test)]
mod renessans_sale;
#[cfg(test)]
mod risks;
#[cfg(test)]
mod sell;
#[cfg(test)]
mod soglasie;
#[cfg(test)]
mod soglasie_sale;
#[cfg(test)]
mod tinkoff;
#[cfg(test)]
mod tinkoff_sale;
#[cfg(test)]
mod vsk;
mod vsk_bus;
#[cfg(test)]
mod vsk_bus_sale;
#[cfg(test)]
mod vsk_sale;
#[cfg(test)]
mod yandex;
