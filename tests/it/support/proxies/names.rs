//! A SOCKS proxy that resolves names which exist nowhere else, and writes down what it is asked for.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use parking_lot::Mutex;

/// A running proxy; it lives as long as the process of the tests.
pub struct NameProxy {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl NameProxy {
    /// Starts one that knows these names; SOCKS4 and SOCKS5, without a user.
    pub fn start(names: &[(&str, SocketAddr)]) -> Self {
        let own = |(name, address): &(&str, SocketAddr)| ((*name).to_owned(), *address);
        let names: HashMap<String, SocketAddr> = names.iter().map(own).collect();
        let listener = TcpListener::bind("127.0.0.1:0").expect("bind a proxy");
        let port = listener.local_addr().expect("own address").port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (names, shared) = (Arc::new(names), Arc::clone(&asked));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (names, asked) = (Arc::clone(&names), Arc::clone(&shared));
                // Who breaks off in the middle is nobody's matter.
                thread::spawn(move || drop(serve(stream, &names, &asked)));
            }
        });
        Self { port, asked }
    }

    /// Returns its address with a scheme.
    pub fn url(&self, scheme: &str) -> String {
        format!("{scheme}://127.0.0.1:{}", self.port)
    }

    /// Returns what it was asked for, such as `5 vendor.test:80`.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().clone()
    }
}

fn serve(
    mut stream: TcpStream,
    names: &HashMap<String, SocketAddr>,
    asked: &Mutex<Vec<String>>,
) -> io::Result<()> {
    let [version] = take(&mut stream)?;
    let (host, port) = if version == 4 { four(&mut stream)? } else { five(&mut stream)? };
    asked.lock().push(format!("{version} {host}:{port}"));
    let place = host.parse().ok().map(|address| SocketAddr::new(address, port));
    let place = place.or_else(|| names.get(&host).copied());
    let reached = place.and_then(|place| TcpStream::connect(place).ok());
    let (good, bad): (&[u8], &[u8]) = if version == 4 {
        (&[0, 0x5a, 0, 0, 0, 0, 0, 0], &[0, 0x5b, 0, 0, 0, 0, 0, 0])
    } else {
        (&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0], &[5, 4, 0, 1, 0, 0, 0, 0, 0, 0])
    };
    stream.write_all(if reached.is_some() { good } else { bad })?;
    let Some(vendor) = reached else { return Ok(()) };
    let back = (vendor.try_clone()?, stream.try_clone()?);
    thread::spawn(move || pass(back.0, back.1));
    pass(stream, vendor);
    Ok(())
}

fn four(stream: &mut TcpStream) -> io::Result<(String, u16)> {
    let [_command, high, low, a, b, c, d] = take(stream)?;
    while take::<1>(stream)? != [0] {}
    Ok((Ipv4Addr::new(a, b, c, d).to_string(), u16::from_be_bytes([high, low])))
}

fn five(stream: &mut TcpStream) -> io::Result<(String, u16)> {
    let [count] = take(stream)?;
    stream.read_exact(&mut vec![0; count.into()])?;
    stream.write_all(&[5, 0])?;
    let [_version, _command, _reserved, kind] = take(stream)?;
    let host = match kind {
        1 => Ipv4Addr::from(take::<4>(stream)?).to_string(),
        3 => {
            let [length] = take(stream)?;
            let mut name = vec![0; length.into()];
            stream.read_exact(&mut name)?;
            String::from_utf8_lossy(&name).into_owned()
        }
        _ => std::net::Ipv6Addr::from(take::<16>(stream)?).to_string(),
    };
    Ok((host, u16::from_be_bytes(take(stream)?)))
}

fn take<const N: usize>(stream: &mut TcpStream) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn pass(mut from: TcpStream, mut to: TcpStream) {
    drop(io::copy(&mut from, &mut to));
    drop(to.shutdown(Shutdown::Write));
}
