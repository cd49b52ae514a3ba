//! The one thread that starts processes.
//!
//! A process that asks to die with its starter dies with the *thread* that started it. Threads of a runtime come and
//! go; this one stays as long as the program.

use std::{
    io,
    process::{Child, Command},
    sync::{
        OnceLock,
        mpsc::{self, Sender},
    },
    thread,
};

type Order = (Command, Sender<io::Result<Child>>);

static ORDERS: OnceLock<Sender<Order>> = OnceLock::new();

/// Starts `command`, furnished by `furnish`, so that the system kills it when this program ends.
pub(crate) fn launch(command: &Command, furnish: impl FnOnce(&mut Command)) -> io::Result<Child> {
    let orders = ORDERS.get_or_init(|| {
        let (orders, taken) = mpsc::channel::<Order>();
        thread::spawn(move || {
            for (mut command, answer) in taken {
                // Whoever does not listen any more has ended, and the child with it.
                let _ = answer.send(command.spawn());
            }
        });
        orders
    });
    let (answer, child) = mpsc::channel();
    let gone = || io::Error::other("the thread that starts processes is gone");
    let mut bound = bound(command);
    furnish(&mut bound);
    orders.send((bound, answer)).map_err(|_| gone())?;
    child.recv().map_err(|_| gone())?
}

/// The same, run by `setpriv`, which binds it to its starter and becomes it.
fn bound(command: &Command) -> Command {
    let mut bound = Command::new("setpriv");
    bound.args(["--pdeathsig", "KILL", "--"]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => bound.env(name, value),
            None => bound.env_remove(name),
        };
    }
    bound
}
