//! The machine's own addresses, as the Linux kernel lists them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// All addresses of the machine that others, or this machine itself, can reach it by: those of networks first,
/// loopback last. Link-local addresses are left out, since they mean nothing without an interface.
pub(crate) fn local_addresses() -> Vec<IpAddr> {
    let ipv4 = std::fs::read_to_string("/proc/net/fib_trie").unwrap_or_default();
    let ipv6 = std::fs::read_to_string("/proc/net/if_inet6").unwrap_or_default();
    let mut addresses = parse_fib_trie(&ipv4);
    addresses.extend(parse_if_inet6(&ipv6));
    if addresses.is_empty() {
        addresses.push(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    addresses.sort_by_key(|address| (address.is_loopback(), address.is_ipv6()));
    addresses.dedup();
    addresses
}

/// Local addresses in the routing trie: a line with the address, followed by one with its kind.
fn parse_fib_trie(text: &str) -> Vec<IpAddr> {
    let mut addresses = Vec::new();
    let mut last: Option<Ipv4Addr> = None;
    for line in text.lines() {
        if let Some((_, address)) = line.split_once("|-- ") {
            last = address.trim().parse().ok();
        } else if line.contains("/32 host LOCAL")
            && let Some(address) = last.take().map(IpAddr::V4)
            && !addresses.contains(&address)
        {
            addresses.push(address);
        }
    }
    addresses
}

/// Each line begins with an address in 32 hexadecimal digits.
fn parse_if_inet6(text: &str) -> Vec<IpAddr> {
    text.lines()
        .filter_map(|line| line.split_whitespace().next())
        .filter(|digits| digits.len() == 32)
        .filter_map(|digits| u128::from_str_radix(digits, 16).ok())
        .map(Ipv6Addr::from)
        .filter(|address| !address.is_unicast_link_local())
        .map(IpAddr::V6)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_interfaces_are_read_from_the_trie() {
        let trie = "Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 127.0.0.0\n        /8 host LOCAL\n     |-- 127.0.0.1\n        \
                    /32 host LOCAL\n     |-- 192.0.2.0\n        /24 link UNICAST\n     |-- 192.0.2.2\n        \
                    /32 host LOCAL\n     |-- 192.0.2.255\n        /32 link BROADCAST\nLocal:\n     |-- 192.0.2.2\n        \
                    /32 host LOCAL\n";
        let expected: Vec<IpAddr> = vec![
            Ipv4Addr::LOCALHOST.into(),
            Ipv4Addr::new(192, 0, 2, 2).into(),
        ];
        assert_eq!(parse_fib_trie(trie), expected);
    }

    #[test]
    fn link_local_addresses_are_left_out() {
        let text = "00000000000000000000000000000001 01 80 10 80       lo\n\
                    fe8000000000000000fc00fffe000001 04 40 20 80     eth0\n\
                    fd000000000000000000000000000002 04 40 00 82     eth0\n";
        let expected: Vec<IpAddr> = vec![
            Ipv6Addr::LOCALHOST.into(),
            "fd00::2".parse::<Ipv6Addr>().unwrap().into(),
        ];
        assert_eq!(parse_if_inet6(text), expected);
    }

    #[test]
    fn every_machine_has_a_loopback_address() {
        assert!(local_addresses().iter().any(IpAddr::is_loopback));
    }
}
