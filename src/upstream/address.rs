//! Which addresses a provider may resolve to.
//!
//! The check is made on the address that is really connected to, so that a name which resolves
//! differently the second time (DNS rebinding) gains nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::Host;

/// Tells whether an address belongs to this machine or a private network rather than the public
/// internet (RFC 1918, 4193, 3927, 6598, loopback, link-local, site-local, multicast, documentation, and what
/// the registries of special addresses of IPv4 and IPv6 keep for protocols and tunnels).
#[must_use]
pub fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_private_v4(v4),
        IpAddr::V6(v6) => embedded_v4(v6).map_or_else(|| is_private_v6(v6), is_private_v4),
    }
}

/// Returns the address that a host is, and not names: also one in the forms that resolvers take for
/// IPv4 (`127.1`, `0x7f000001`, `2130706433`, `0177.0.0.1`). IPv6 stands without brackets.
#[must_use]
pub fn literal(host: &str) -> Option<IpAddr> {
    let host = host.trim_end_matches('.');
    host.parse().ok().or_else(|| match Host::parse(host) {
        Ok(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
        _ => None,
    })
}

fn is_private_v4(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_unspecified()
        || address.is_broadcast()
        || address.is_multicast()
        || address.is_documentation()
        || first == 0
        || (first == 100 && (64..128).contains(&second))
        || (first == 198 && (18..20).contains(&second))
        || (first == 192 && second == 0 && third == 0)
        || (first == 192 && second == 88 && third == 99)
        || first >= 240
}

fn is_private_v6(address: Ipv6Addr) -> bool {
    let [first, second, third, ..] = address.segments();
    address.is_loopback()
        || address.is_unspecified()
        || address.is_multicast()
        || address.is_unique_local()
        || address.is_unicast_link_local()
        || (first == 0x2001 && matches!(second, 0 | 0x0db8))
        || (first & 0xffc0) == 0xfec0
        || (first == 0x64 && second == 0xff9b && third == 1)
}

/// Finds the IPv4 address inside a mapped (`::ffff:a.b.c.d`), translated (`::ffff:0:a.b.c.d`), compatible
/// (`::a.b.c.d`), NAT64 or 6to4 address.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    if let Some(mapped) = address.to_ipv4_mapped() {
        return Some(mapped);
    }
    let [s0, s1, s2, s3, s4, s5, high, low] = address.segments();
    match (s0, s1, s2, s3, s4, s5) {
        (0x64, 0xff9b, 0, 0, 0, 0) | (0, 0, 0, 0, 0xffff, 0) => Some(v4(high, low)),
        (0, 0, 0, 0, 0, 0) if high > 0 => Some(v4(high, low)),
        (0x2002, ..) => Some(v4(s1, s2)),
        _ => None,
    }
}

fn v4(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from((u32::from(high) << 16) | u32::from(low))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_the_address_that_resolvers_make_of_it() {
        for text in ["127.1", "0x7f000001", "2130706433", "0177.0.0.1", "0X7F.1", "127.0.0.1."] {
            assert_eq!(literal(text), Some(IpAddr::V4(Ipv4Addr::LOCALHOST)), "{text}");
        }
        assert_eq!(literal("134744072"), Some(IpAddr::V4(Ipv4Addr::new(8, 8, 8, 8))));
        assert_eq!(literal("::1"), Some(IpAddr::V6(Ipv6Addr::LOCALHOST)));
        for text in ["a.example", "1.example", "0x7f.example", "127.0.0.1.example", "", "256.1.1.1"]
        {
            assert_eq!(literal(text), None, "{text}");
        }
    }

    #[test]
    fn private_and_special_addresses_are_told_from_public_ones() {
        for text in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fc00::1",
            "fe80::1",
            "::ffff:127.0.0.1",
            "64:ff9b::a00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "::127.0.0.1",
            "::ffff:0:10.0.0.1",
            "64:ff9b:1::1",
            "fec0::1",
            "2001:0:4136:e378:8000:63bf:3fff:fdd2",
            "192.0.0.8",
            "192.88.99.1",
        ] {
            assert!(is_private(text.parse().unwrap()), "{text}");
        }
        for text in ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:1.1.1.1"] {
            assert!(!is_private(text.parse().unwrap()), "{text}");
        }
    }
}
