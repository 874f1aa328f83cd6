//! One turn of the root's loop: waits for what becomes readable and hands it on.
use std::os::fd::BorrowedFd;
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::child::{Child, State};
use crate::journal::Journal;
use crate::root::Root;
use crate::window::Event;
use crate::{alarm, pages, service};

/// What became readable. Windows by their place in the list, which does not change within a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Signals,
    HubLink,
    HubOutput,
    HubEnd,
    WindowLink(usize),
    WindowOutput(usize),
    WindowEnd(usize),
    KeeperEnd,
    Alarm,
}

/// Waits until something happens or is due, and handles it.
pub(crate) fn turn(root: &mut Root) {
    for source in wait(root) {
        handle(root, source);
    }
    root.windows.retain(|window| !window.closed || window.child.process.is_some());
    if root.windows.is_empty() && root.setup.mode == crate::words::Mode::Window && !root.quitting()
    {
        root.quit(false);
    }
    if root.changed {
        root.changed = false;
        root.tell_instance();
        let rows = service::rows(root);
        root.hub.publish(service::PROCESSES, &rows);
        if let Some(news) = root.installed() {
            root.hub.publish(service::INSTALLED, &news);
        }
    }
    root.hub.flush();
}

fn wait(root: &Root) -> Vec<Source> {
    let left = root.deadline().saturating_duration_since(Instant::now());
    let timeout = Timespec {
        tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: i64::from(left.subsec_nanos()),
    };
    let sources = sources(root);
    let mut fds: Vec<PollFd<'_>> =
        sources.iter().map(|(_, fd, flags)| PollFd::from_borrowed_fd(*fd, *flags)).collect();
    if poll(&mut fds, Some(&timeout)).is_err() {
        // EINTR: the signal's byte is seen in the next turn.
        return Vec::new();
    }
    let ready = sources.iter().zip(&fds).filter(|(_, fd)| !fd.revents().is_empty());
    ready.map(|((source, _, _), _)| *source).collect()
}

type Polled<'a> = (Source, BorrowedFd<'a>, PollFlags);

fn sources(root: &Root) -> Vec<Polled<'_>> {
    use std::os::fd::AsFd as _;
    let signals = root.signals.fds();
    let mut all: Vec<Polled<'_>> =
        signals.into_iter().map(|fd| (Source::Signals, fd, PollFlags::IN)).collect();
    if let Some((fd, waits)) = root.hub.fd() {
        let flags = if waits { PollFlags::IN | PollFlags::OUT } else { PollFlags::IN };
        all.push((Source::HubLink, fd, flags));
    }
    push_child(&mut all, &root.hub.child, Source::HubOutput, Source::HubEnd);
    for (index, window) in root.windows.iter().enumerate() {
        let link = window.fd().map(|fd| (Source::WindowLink(index), fd, PollFlags::IN));
        all.extend(link);
        push_child(&mut all, &window.child, Source::WindowOutput(index), Source::WindowEnd(index));
    }
    let keeper = root.keeper.pidfd().map(|fd| (Source::KeeperEnd, fd.as_fd(), PollFlags::IN));
    let alarm = root.alarm.as_ref().map(|alarm| (Source::Alarm, alarm.pidfd(), PollFlags::IN));
    all.extend(keeper.into_iter().chain(alarm));
    all
}

fn push_child<'a>(all: &mut Vec<Polled<'a>>, child: &'a Child, output: Source, end: Source) {
    let Some(process) = &child.process else { return };
    all.push((end, process.pidfd(), PollFlags::IN));
    let pipe = process.output.as_ref().and_then(|output| output.fd());
    all.extend(pipe.map(|fd| (output, fd, PollFlags::IN)));
}

fn handle(root: &mut Root, source: Source) {
    match source {
        Source::Signals => {
            for _ in 0..root.signals.take_ends() {
                root.quit(false);
            }
            if root.signals.take_wake() && root.hub.child.state == State::Parked {
                root.hub.child.retry();
                root.changed();
            }
        }
        Source::HubLink => hub_speaks(root),
        Source::HubOutput => copy_output(&mut root.hub.child, &mut root.journal),
        Source::HubEnd => {
            root.hub.child.ended(&root.setup, &mut root.journal);
            root.changed();
        }
        Source::WindowLink(index) => window_speaks(root, index),
        Source::WindowOutput(index) => {
            if let Some(window) = root.windows.get_mut(index) {
                copy_output(&mut window.child, &mut root.journal);
            }
        }
        Source::WindowEnd(index) => window_ends(root, index),
        Source::KeeperEnd => {
            if root.keeper.ended(&mut root.journal) && !root.quitting() {
                root.ensure_keeper();
            }
            root.changed();
        }
        Source::Alarm => alarm_answered(root),
    }
}

fn copy_output(child: &mut Child, journal: &mut Journal) {
    let Some(output) = child.process.as_mut().and_then(|process| process.output.as_mut()) else {
        return;
    };
    for line in output.read() {
        journal.line(&child.name, &line);
    }
}

fn hub_speaks(root: &mut Root) {
    let was_ready = root.hub.child.is_ready();
    let calls = root.hub.receive(&mut root.journal);
    for call in &calls {
        service::serve(root, call);
    }
    if !was_ready && root.hub.child.is_ready() {
        root.check_ready();
        root.changed();
    }
}

fn window_speaks(root: &mut Root, index: usize) {
    let Some(window) = root.windows.get_mut(index) else { return };
    let mut wanted = 0;
    for event in window.receive(&mut root.journal) {
        match event {
            Event::Ready => window.child.ready(),
            Event::Painted | Event::PageLoaded => {
                window.page_pid = window.child.pid().and_then(pages::page_of);
            }
            Event::PageTerminated { reason } => {
                window.page_pid = None;
                window.page_restarts += 1;
                window.page_reason = reason;
            }
            Event::NewWindow => wanted += 1,
            Event::Closed => window.closed = true,
        }
        root.changed = true;
    }
    let asked = window.asked.clone();
    for _ in 0..wanted {
        if let Err(limit) = root.open_window(asked.clone()) {
            root.journal.line("root", &format!("no further window: at most {limit}"));
        }
    }
    root.check_ready();
}

fn window_ends(root: &mut Root, index: usize) {
    // Its last words, `closed` among them, may still be in the link.
    window_speaks(root, index);
    let Some(window) = root.windows.get_mut(index) else { return };
    let status = window.child.ended(&root.setup, &mut root.journal);
    if status.is_some_and(|status| status.success()) {
        window.closed = true;
    }
    root.changed();
}

fn alarm_answered(root: &mut Root) {
    let Some(alarm) = root.alarm.take() else { return };
    root.changed();
    match alarm.answer() {
        alarm::Answer::TryAgain => root.hub.child.retry(),
        alarm::Answer::Quit => root.quit(false),
        alarm::Answer::None => root.journal.line("root", "the question could not be shown"),
    }
}
