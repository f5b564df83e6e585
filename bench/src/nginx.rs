//! nginx in front of the mock, when it is installed: a landmark, not a yardstick.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use anyhow::Context;
use tempfile::TempDir;

use crate::instances::{Instance, free_address};

const PLACES: [&str; 3] = ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx"];

/// A running nginx and the directory it works in.
#[derive(Debug)]
pub struct Nginx {
    /// The process.
    pub instance: Instance,
    _directory: TempDir,
}

/// Starts nginx; `None` when it is not installed.
pub fn start(mock: SocketAddr, workers: usize) -> anyhow::Result<Option<Nginx>> {
    let Some(program) = PLACES.into_iter().find(|place| Path::new(place).exists()) else {
        return Ok(None);
    };
    let directory = TempDir::new()?;
    let address = free_address()?;
    let file = directory.path().join("nginx.conf");
    fs::write(&file, configuration(directory.path(), address, mock, workers))?;
    let mut command = Command::new(program);
    command.arg("-p").arg(directory.path()).arg("-c").arg(&file).args(["-e", "error.log"]);
    let instance = Instance::spawn(command, address).context("start nginx")?;
    Ok(Some(Nginx { instance, _directory: directory }))
}

fn configuration(at: &Path, listen: SocketAddr, mock: SocketAddr, workers: usize) -> String {
    let at = at.display();
    format!(
        "daemon off; worker_processes {workers}; pid {at}/nginx.pid;
events {{ worker_connections 16384; }}
http {{
  access_log off;
  client_body_temp_path {at}/body; proxy_temp_path {at}/proxy; fastcgi_temp_path {at}/f;
  uwsgi_temp_path {at}/u; scgi_temp_path {at}/s;
  upstream mock {{ server {mock}; keepalive 4096; }}
  server {{
    listen {listen} reuseport;
    keepalive_requests 1000000;
    location / {{
      proxy_pass http://mock; proxy_http_version 1.1; proxy_set_header Connection \"\";
      proxy_buffering off;
    }}
  }}
}}
"
    )
}
