//! The rules of a profile's filter, from what the profile needs.

use super::bpf::{Action, Condition, Rule, bits, is};
use super::calls;
use crate::profile::{Network, Profile};
use crate::supervise::decode;

const EPERM: Action = Action::Errno(libc::EPERM as u16);
const ENOSYS: Action = Action::Errno(libc::ENOSYS as u16);

const NAMESPACES: u32 = (libc::CLONE_NEWCGROUP
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWNET
    | libc::CLONE_NEWNS
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWUSER
    | libc::CLONE_NEWUTS) as u32
    | CLONE_NEWTIME;
const CLONE_NEWTIME: u32 = 0x80;
const THREAD: u32 = libc::CLONE_THREAD as u32;
const FAST_OPEN: u32 = libc::MSG_FASTOPEN as u32;
/// A socket's type without its flags.
const TYPE: u32 = 0xf;
const STREAM: u32 = libc::SOCK_STREAM as u32;
const DATAGRAM: u32 = libc::SOCK_DGRAM as u32;
const SEQUENCED: u32 = libc::SOCK_SEQPACKET as u32;
const TCP: u32 = libc::IPPROTO_TCP as u32;
const UDP: u32 = libc::IPPROTO_UDP as u32;
const INTERNET: [u32; 2] = [libc::AF_INET as u32, libc::AF_INET6 as u32];
/// Commands by which a program types into the terminal it runs in, and those that change a file's flags, project or
/// verity through a descriptor that was opened for reading.
const COMMANDS_REFUSED: [u32; 5] = [0x5412, 0x541c, 0x4008_6602, 0x401c_5820, 0x4080_6685];
/// The execution domain of Linux itself, and the question which one is set.
const PERSONALITIES: [u32; 2] = [0, u32::MAX];

/// Calls that the supervisor answers, and newer ones by which it could be passed by.
pub(super) fn asking() -> Vec<Rule> {
    let asked = decode::ASKED.iter().chain(decode::ASKED_HERE);
    let mut rules: Vec<Rule> = asked.map(|call| Rule::always(*call, Action::Notify)).collect();
    let unasked = calls::UNASKED.iter().chain(calls::UNASKED_HERE);
    rules.extend(unasked.map(|call| Rule::always(*call, ENOSYS)));
    rules
}

/// All rules but those.
pub(super) fn rules(profile: &Profile, network: Network) -> Vec<Rule> {
    let refused = calls::REFUSED.iter().chain(calls::REFUSED_HERE);
    let mut rules: Vec<Rule> = refused.map(|call| Rule::always(*call, EPERM)).collect();
    rules.extend(calls::ABSENT.iter().map(|call| Rule::always(*call, ENOSYS)));
    if !profile.has_metadata {
        let metadata = calls::METADATA.iter().chain(calls::METADATA_HERE);
        rules.extend(metadata.map(|call| Rule::always(*call, EPERM)));
    }
    rules.extend(processes(profile));
    rules.push(allowed_if(libc::SYS_socket, sockets(network)));
    // Two ends that are born connected; a datagram end could still be pointed at another socket's path.
    let pairs = [STREAM, SEQUENCED].map(|kind| vec![bits(1, TYPE, kind)]);
    rules.push(allowed_if(libc::SYS_socketpair, pairs.to_vec()));
    rules.extend(sending(network));
    rules.push(refused_if(libc::SYS_ioctl, COMMANDS_REFUSED.map(|code| vec![is(1, code)])));
    // Limits and priorities are a program's own, never those of another process of the same user.
    rules.extend(calls::OWN_FIRST.iter().map(|call| allowed_if(*call, vec![vec![is(0, 0)]])));
    rules.extend(calls::OWN_SECOND.iter().map(|call| allowed_if(*call, vec![vec![is(1, 0)]])));
    let personalities = PERSONALITIES.map(|one| vec![is(0, one)]);
    rules.push(allowed_if(libc::SYS_personality, personalities.to_vec()));
    rules
}

fn processes(profile: &Profile) -> Vec<Rule> {
    if profile.has_processes {
        let ordinary = vec![vec![bits(0, NAMESPACES, 0)]];
        return vec![allowed_if(libc::SYS_clone, ordinary)];
    }
    let threads = vec![vec![bits(0, NAMESPACES | THREAD, THREAD)]];
    let mut rules = vec![allowed_if(libc::SYS_clone, threads)];
    rules.extend(calls::FORKS.iter().map(|call| Rule::always(*call, EPERM)));
    rules
}

/// TCP by its plain name only: other protocols of a stream socket pass Landlock's rules for ports.
fn sockets(network: Network) -> Vec<Vec<Condition>> {
    let mut cases = Vec::new();
    for family in INTERNET {
        for protocol in [0, TCP] {
            cases.push(vec![is(0, family), bits(1, TYPE, STREAM), is(2, protocol)]);
        }
    }
    if network == Network::Client {
        for family in INTERNET {
            for protocol in [0, UDP] {
                cases.push(vec![is(0, family), bits(1, TYPE, DATAGRAM), is(2, protocol)]);
            }
        }
        // The C library asks the kernel which addresses this machine has before it looks up a name.
        cases.push(vec![is(0, libc::AF_NETLINK as u32), is(2, libc::NETLINK_ROUTE as u32)]);
    }
    cases
}

/// A first packet with data opens a connection without `connect`.
fn sending(network: Network) -> Vec<Rule> {
    let fast = |argument| vec![vec![bits(argument, FAST_OPEN, FAST_OPEN)]];
    let mut rules = vec![
        refused_if(libc::SYS_sendto, fast(3)),
        refused_if(libc::SYS_sendmsg, fast(2)),
        refused_if(libc::SYS_sendmmsg, fast(3)),
    ];
    if network == Network::None {
        rules.push(Rule::always(libc::SYS_connect, EPERM));
    }
    rules
}

fn allowed_if(call: i64, cases: Vec<Vec<Condition>>) -> Rule {
    Rule { call, cases, matched: Action::Allow, otherwise: EPERM }
}

fn refused_if(call: i64, cases: impl Into<Vec<Vec<Condition>>>) -> Rule {
    Rule { call, cases: cases.into(), matched: EPERM, otherwise: Action::Allow }
}

#[cfg(test)]
mod tests {
    use super::super::bpf::machine::{call, run};
    use super::*;
    use crate::profile;

    const ALLOWED: u32 = libc::SECCOMP_RET_ALLOW;
    const DENIED: u32 = libc::SECCOMP_RET_ERRNO | libc::EPERM as u32;

    fn answers(name: &str, number: i64, arguments: &[u64]) -> u32 {
        let profile = profile::find(name).unwrap();
        let mut all = rules(profile, profile.network);
        if profile.is_supervised {
            all.extend(asking());
        }
        let program = super::super::bpf::assemble(&all).unwrap();
        run(&program, call(number, arguments))
    }

    #[test]
    fn no_profile_may_make_a_unix_socket() {
        for profile in profile::ALL {
            for kind in [1, 2, 5, 0x80801] {
                assert_eq!(answers(profile.name, libc::SYS_socket, &[1, kind, 0]), DENIED);
            }
            assert_eq!(answers(profile.name, libc::SYS_socketpair, &[1, 2, 0]), DENIED);
            assert_eq!(answers(profile.name, libc::SYS_socketpair, &[1, 0x80801, 0]), ALLOWED);
        }
    }

    #[test]
    fn a_stream_socket_is_tcp_or_nothing() {
        let multipath = 262;
        for profile in profile::ALL {
            let socket = |protocol| answers(profile.name, libc::SYS_socket, &[2, 1, protocol]);
            assert_eq!((socket(0), socket(6), socket(multipath)), (ALLOWED, ALLOWED, DENIED));
            assert_eq!(answers(profile.name, libc::SYS_socket, &[17, 3, 0]), DENIED);
        }
    }

    #[test]
    fn datagrams_and_connecting_are_for_network_profiles() {
        for (name, expected) in [("terminal", DENIED), ("file-guard", DENIED), ("model", ALLOWED)] {
            assert_eq!(answers(name, libc::SYS_socket, &[2, 2, 17]), expected, "{name}");
            assert_eq!(answers(name, libc::SYS_connect, &[5, 0, 0]), expected, "{name}");
        }
        assert_eq!(answers("model", libc::SYS_sendto, &[5, 0, 0, 0x2000_4000]), DENIED);
    }

    #[test]
    fn actors_make_threads_and_no_processes() {
        assert_eq!(answers("terminal", libc::SYS_clone, &[0x3d_0f00]), ALLOWED);
        assert_eq!(answers("terminal", libc::SYS_clone, &[0x11]), DENIED);
        for fork in calls::FORKS {
            assert_eq!(answers("terminal", *fork, &[]), DENIED);
        }
    }

    #[test]
    fn only_the_guard_changes_modes_and_times() {
        for call in calls::METADATA.iter().chain(calls::METADATA_HERE) {
            assert_eq!(answers("file-guard", *call, &[]), ALLOWED);
            assert_eq!(answers("editor-sync", *call, &[]), DENIED);
        }
    }

    #[test]
    fn every_call_that_names_a_path_is_asked_or_refused_for_programs() {
        for name in ["agent", "mcp-server"] {
            for call in decode::ASKED.iter().chain(decode::ASKED_HERE) {
                assert_eq!(answers(name, *call, &[]), libc::SECCOMP_RET_USER_NOTIF, "{call}");
            }
            for call in calls::METADATA.iter().chain(calls::METADATA_HERE) {
                assert_ne!(answers(name, *call, &[]), ALLOWED, "{call}");
            }
        }
    }

    #[test]
    fn programs_make_processes_but_no_namespaces() {
        assert_eq!(answers("agent", libc::SYS_clone, &[0x11]), ALLOWED);
        assert_eq!(answers("agent", libc::SYS_clone, &[0x1000_0011]), DENIED);
        assert_eq!(answers("agent", libc::SYS_unshare, &[0]), DENIED);
    }

    #[test]
    fn limits_and_priorities_are_a_programs_own() {
        for call in calls::OWN_FIRST {
            assert_eq!(answers("agent", *call, &[0, 7]), ALLOWED);
            assert_eq!(answers("agent", *call, &[7, 0]), DENIED);
        }
        for call in calls::OWN_SECOND {
            assert_eq!(answers("agent", *call, &[1, 0]), ALLOWED);
            assert_eq!(answers("agent", *call, &[0, 7]), DENIED);
        }
    }

    #[test]
    fn the_ring_and_clone3_are_absent() {
        let absent = libc::SECCOMP_RET_ERRNO | libc::ENOSYS as u32;
        for call in calls::ABSENT {
            assert_eq!(answers("terminal", *call, &[]), absent);
        }
    }

    #[test]
    fn typing_into_the_terminal_is_refused_and_other_commands_are_not() {
        for (code, expected) in
            [(0x5412, DENIED), (0x541c, DENIED), (0x5401, ALLOWED), (0x4008_6602, DENIED)]
        {
            assert_eq!(answers("terminal", libc::SYS_ioctl, &[0, code, 0]), expected);
        }
    }
}
