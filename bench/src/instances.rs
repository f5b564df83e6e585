//! Processes of the bench: started on free ports, ended with the value that holds them.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

const START: Duration = Duration::from_secs(30);

/// A running process that listens.
#[derive(Debug)]
pub struct Instance {
    /// Where it listens.
    pub address: SocketAddr,
    child: Child,
}

impl Instance {
    /// Starts a process and waits until its port takes connections.
    pub fn spawn(mut command: Command, address: SocketAddr) -> anyhow::Result<Self> {
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let child = command.spawn().with_context(|| format!("start {command:?}"))?;
        let mut this = Self { address, child };
        let end = Instant::now() + START;
        while TcpStream::connect(address).is_err() {
            if let Some(status) = this.child.try_wait()? {
                bail!("{command:?} ended at once: {status}");
            }
            if Instant::now() > end {
                bail!("{command:?} does not listen on {address}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(this)
    }

    /// Returns the process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Returns an address nobody listens on.
pub fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// Returns the path of a program built beside this one.
pub fn sibling(name: &str) -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe()?;
    let path = own.parent().context("our own directory")?.join(name);
    if !path.exists() {
        bail!("{} is missing: build it first (scripts/bench does)", path.display());
    }
    Ok(path)
}

/// Starts the mock.
pub fn mock() -> anyhow::Result<Instance> {
    let address = free_address()?;
    let mut command = Command::new(sibling("bench-upstream")?);
    command.arg(address.to_string());
    Instance::spawn(command, address)
}

/// Starts the bare relay in front of the mock.
pub fn bare(mock: SocketAddr, workers: usize) -> anyhow::Result<Instance> {
    let address = free_address()?;
    let mut command = Command::new(sibling("bare-relay")?);
    command.arg(address.to_string()).arg(format!("http://{mock}")).arg(workers.to_string());
    Instance::spawn(command, address)
}
