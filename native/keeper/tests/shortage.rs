//! What runs out: descriptors and terminals. A clear error with the bound, and all is well once it is over.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failure here is a failed test")]

mod harness;

use std::os::unix::net::UnixStream;
use std::process::Command;

use bulkhead_wire::WireError;
use harness::{Create, Created, End, Keeper, Nothing, Of, Peer, until};

const SESSIONS_MAX: usize = 256;

/// Starts programs until one is refused; those that run and the refusal.
fn exhaust(peer: &mut Peer) -> (Vec<String>, WireError) {
    let mut started = Vec::new();
    loop {
        match peer.try_call::<_, Created>("session.create", &Create::program(&["/bin/cat"])) {
            Ok(created) => started.push(created.session),
            Err(error) => return (started, error),
        }
        assert!(started.len() < SESSIONS_MAX, "nothing was refused");
    }
}

fn end(peer: &mut Peer, session: &str) {
    peer.call::<_, Nothing>("session.end", &End { session, grace_ms: 0 });
    let of = Of { session };
    until("the end", || peer.try_call::<_, Nothing>("session.forget", &of).is_ok());
}

#[test]
fn without_descriptors_a_create_names_the_bound_and_the_others_go_on() {
    let keeper = Keeper::start_after("ulimit -n 40; exec \"$@\"");
    let mut peer = keeper.client();
    let (started, error) = exhaust(&mut peer);
    assert_eq!(error.code, "keeper/session-limit");
    assert!(error.message.contains("40 open files"), "{}", error.message);
    let stream = peer.attach(&started[0], 0, 1000);
    let keys = peer.input(&started[0], "w");
    peer.data(&keys, 0, b"on\n");
    peer.read_until(&stream, "on\r\non\r\n");
    end(&mut peer, &started[1]);
    let (again, _) = exhaust(&mut peer);
    assert!(!again.is_empty(), "what was freed can be used again");
}

#[test]
fn a_client_that_came_while_no_descriptor_was_free_is_let_in_when_one_is() {
    let keeper = Keeper::start_after("ulimit -n 40; exec \"$@\"");
    let mut peer = keeper.client();
    let (started, _) = exhaust(&mut peer);
    let path = keeper.folder.0.join("keeper-1.sock");
    let _silent: Vec<_> = (0..8).map(|_| UnixStream::connect(&path).unwrap()).collect();
    until("the shortage", || keeper.log().contains("cannot accept a link"));
    assert!(keeper.log().contains("40 open files"), "{}", keeper.log());
    let token = keeper.token();
    std::thread::scope(|scope| {
        let late = scope.spawn(|| keeper.try_client(&token).is_ok());
        for session in &started {
            end(&mut peer, session);
        }
        assert!(late.join().unwrap());
    });
}

/// Some containers forbid namespaces to everybody.
fn has_namespaces() -> bool {
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--mount", "true"]).status().is_ok_and(|end| end.success())
}

#[test]
fn without_terminals_a_create_names_the_bound_of_the_machine() {
    if !has_namespaces() {
        eprintln!("namespaces are forbidden here: the bound of the machine is not tested");
        return;
    }
    // A terminal file system of its own, in a namespace of its own: the machine's is left alone.
    let namespace = "exec unshare --map-root-user --mount sh -c 'mount -t devpts -o max=3,ptmxmode=0666 \
                     devpts /dev/pts && mount --bind /dev/pts/ptmx /dev/ptmx && exec \"$@\"' sh \"$@\"";
    let keeper = Keeper::start_after(namespace);
    let mut peer = keeper.client();
    let (started, error) = exhaust(&mut peer);
    assert_eq!((started.len(), error.code.as_str()), (3, "keeper/pty-limit"), "{}", error.message);
    assert!(error.message.contains("kernel.pty.max"), "{}", error.message);
    end(&mut peer, &started[0]);
    assert_eq!(exhaust(&mut peer).0.len(), 1, "what was freed can be used again");
}
