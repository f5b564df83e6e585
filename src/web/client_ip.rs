//! Which address a request came from, when proxies stand between. Pure.

use std::net::{IpAddr, SocketAddr};

use actix_web::http::header::HeaderMap;

use crate::settings::network::Network;

/// Finds the client of a request by its peer and its headers.
#[must_use]
pub fn of_headers(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let forwarded = headers.get_all("x-forwarded-for").filter_map(|value| value.to_str().ok());
    client_ip(peer, forwarded, trusted)
}

/// Finds the client: the right-most address of `X-Forwarded-For` that is not a trusted proxy, and
/// the peer itself when the peer is not trusted. What stands left of an unreadable entry is not
/// believed, since a proxy of ours would not have written it.
#[must_use]
fn client_ip<'a>(
    peer: IpAddr,
    forwarded: impl Iterator<Item = &'a str>,
    trusted: &[Network],
) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut nearest = peer.to_canonical();
    if !is_trusted(nearest) {
        return nearest;
    }
    let entries: Vec<&str> = forwarded.flat_map(|line| line.split(',')).collect();
    for entry in entries.iter().rev() {
        let Some(address) = address(entry.trim()) else { break };
        nearest = address;
        if !is_trusted(address) {
            break;
        }
    }
    nearest
}

/// Reads an address, also with a port as some proxies write it.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let plain = bare.parse::<IpAddr>().ok();
    plain
        .or_else(|| text.parse::<SocketAddr>().ok().map(|with| with.ip()))
        .map(|ip| ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, forwarded: &[&str]) -> String {
        let trusted: Vec<Network> =
            ["10.0.0.0/8", "::1"].iter().map(|text| text.parse().unwrap()).collect();
        client_ip(peer.parse().unwrap(), forwarded.iter().copied(), &trusted).to_string()
    }

    #[test]
    fn a_stranger_s_header_is_not_believed() {
        assert_eq!(seen("203.0.113.9", &["1.1.1.1"]), "203.0.113.9");
    }

    #[test]
    fn the_right_most_address_that_is_not_ours_is_the_client() {
        assert_eq!(seen("10.0.0.2", &["6.6.6.6, 203.0.113.9, 10.0.0.3"]), "203.0.113.9");
        assert_eq!(seen("10.0.0.2", &["6.6.6.6", "203.0.113.9,10.0.0.3"]), "203.0.113.9");
    }

    #[test]
    fn a_chain_of_our_own_ends_at_its_first_member() {
        assert_eq!(seen("10.0.0.2", &["10.0.0.7, 10.0.0.3"]), "10.0.0.7");
        assert_eq!(seen("::1", &[]), "::1");
    }

    #[test]
    fn ports_and_brackets_are_understood() {
        assert_eq!(seen("10.0.0.2", &["203.0.113.9:4711"]), "203.0.113.9");
        assert_eq!(seen("10.0.0.2", &["[2001:db8::1]:4711"]), "2001:db8::1");
        assert_eq!(seen("10.0.0.2", &["[2001:db8::1]"]), "2001:db8::1");
        assert_eq!(seen("::ffff:10.0.0.2", &["::ffff:203.0.113.9"]), "203.0.113.9");
    }

    #[test]
    fn what_stands_left_of_rubbish_is_not_believed() {
        assert_eq!(seen("10.0.0.2", &["203.0.113.9, unknown, 10.0.0.3"]), "10.0.0.3");
        assert_eq!(seen("10.0.0.2", &[""]), "10.0.0.2");
    }
}
