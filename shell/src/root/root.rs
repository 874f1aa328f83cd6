//! The root's loop: one thread, one poll. It never exits for a child.
use std::fs;
use std::net::TcpListener;
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime};

use rustix::process::Signal;
use serde_json::json;

use crate::about::{self, HubNews};
use crate::alarm::{self, Alarm};
use crate::asker::Asked;
use crate::child::{Child, State};
use crate::folder::{Folder, Look};
use crate::hub::{self, Hub};
use crate::installed::{Installation, News as Installed};
use crate::journal::Journal;
use crate::keeper::{self, Keeper};
use crate::report::{News, Reporter};
use crate::setup::{Setup, VERSION};
use crate::signals::Signals;
use crate::window::Window;
use crate::words::Mode;
use crate::{clock, turn};

/// Windows of one instance.
const WINDOWS_MAX: usize = 16;
/// Time windows have to close at the end.
const WINDOWS_CLOSE_MAX: Duration = Duration::from_secs(3);
/// Time the hub has to stop its actors at the end.
const HUB_STOP_MAX: Duration = Duration::from_secs(7);
/// Longest wait of a turn of the loop.
const IDLE: Duration = Duration::from_secs(60);

/// How far the end is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quitting {
    No,
    Windows { until: Instant, all: bool },
    Hub { until: Instant, all: bool },
    Done,
}

/// An instance's root.
#[derive(Debug)]
pub(crate) struct Root {
    pub(crate) setup: Setup,
    pub(crate) journal: Journal,
    pub(crate) hub: Hub,
    pub(crate) windows: Vec<Window>,
    pub(crate) keeper: Keeper,
    pub(crate) started_ms: u64,
    pub(crate) signals: Signals,
    pub(crate) alarm: Option<Alarm>,
    listener: Option<TcpListener>,
    url: String,
    reporter: Reporter,
    windows_opened: u32,
    quitting: Quitting,
    pub(crate) changed: bool,
    exit: ExitCode,
    /// Its lock is held until the root ends.
    folder: Folder,
    installation: Installation,
    /// Text of `instance.json`; empty when it must be written.
    told: String,
}

/// What a root is made of.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) setup: Setup,
    pub(crate) journal: Journal,
    pub(crate) reporter: Reporter,
    pub(crate) signals: Signals,
    pub(crate) folder: Folder,
    /// In browser mode.
    pub(crate) listener: Option<TcpListener>,
    /// Address with the token, in browser mode.
    pub(crate) url: String,
}

impl Root {
    /// A root that has not started anything yet.
    pub(crate) fn new(parts: Parts) -> Self {
        Self {
            installation: Installation::at(&parts.setup.layout.home),
            setup: parts.setup,
            journal: parts.journal,
            hub: Hub::new(),
            windows: Vec::new(),
            keeper: Keeper::new(),
            started_ms: clock::now_ms(),
            signals: parts.signals,
            listener: parts.listener,
            url: parts.url,
            reporter: parts.reporter,
            alarm: None,
            windows_opened: 0,
            quitting: Quitting::No,
            changed: true,
            exit: ExitCode::SUCCESS,
            folder: parts.folder,
            told: String::new(),
        }
    }

    /// Runs the instance to its end.
    pub(crate) fn run(mut self) -> ExitCode {
        self.ensure_keeper();
        if self.setup.mode == Mode::Window {
            // There is room for the first.
            drop(self.open_window(Asked::new()));
        }
        while self.quitting != Quitting::Done {
            self.tick();
            turn::turn(&mut self);
        }
        self.clean_up();
        self.exit
    }

    /// Whether the end has begun.
    pub(crate) fn quitting(&self) -> bool {
        self.quitting != Quitting::No
    }

    /// The processes are published at the end of this turn.
    pub(crate) fn changed(&mut self) {
        self.changed = true;
    }

    /// Opens a further window with the environment of whoever asked and gives its name.
    ///
    /// # Errors
    /// The greatest number of windows.
    pub(crate) fn open_window(&mut self, asked: Asked) -> Result<String, usize> {
        if self.windows.len() >= WINDOWS_MAX {
            return Err(WINDOWS_MAX);
        }
        self.windows_opened += 1;
        let window = Window::new(self.windows_opened, asked);
        let name = window.child.name.clone();
        self.windows.push(window);
        self.changed = true;
        Ok(name)
    }

    /// Begins the orderly end; a second call does not wait any longer.
    pub(crate) fn quit(&mut self, all: bool) {
        if self.quitting() {
            self.journal.line("root", "asked again: ending at once");
            self.kill_children();
            self.quitting = Quitting::Done;
            return;
        }
        self.journal.line("root", if all { "ending, with all shells" } else { "ending" });
        for window in &mut self.windows {
            window.close();
        }
        let now = Instant::now();
        self.quitting = Quitting::Windows { until: now + WINDOWS_CLOSE_MAX, all };
        self.changed = true;
        self.tick_quit(now);
    }

    /// When [`Root::tick`] has something to do next.
    pub(crate) fn deadline(&self) -> Instant {
        let now = Instant::now();
        let children = self.windows.iter().map(|window| &window.child);
        let children = children.chain([&self.hub.child]).filter_map(Child::deadline);
        let quitting = match self.quitting {
            Quitting::Windows { until, .. } | Quitting::Hub { until, .. } => Some(until),
            Quitting::Done => Some(now),
            Quitting::No => None,
        };
        let watchdog = self.hub.watchdog.deadline();
        let folder = Some(self.folder.deadline());
        let own = self.keeper.deadline().into_iter().chain(quitting).chain(watchdog).chain(folder);
        let own = own.chain([self.installation.deadline()]);
        let earliest = children.chain(own).min();
        earliest.unwrap_or(now + IDLE).min(now + IDLE)
    }

    /// Does what is due.
    fn tick(&mut self) {
        let now = Instant::now();
        if self.keeper.tick(&self.setup, &mut self.journal) {
            self.changed = true;
        }
        if self.quitting() {
            self.tick_quit(now);
            return;
        }
        self.look_after_folder(now);
        if self.quitting() {
            return;
        }
        if self.hub.watchdog.look(now) && self.hub.child.state == State::Ready {
            self.hub.child.kill_as_hung();
        }
        self.look_at_installation(now);
        self.start_due(now);
        self.check_parked();
    }

    /// Starts what is to be started, unless the files for it are being replaced.
    fn start_due(&mut self, now: Instant) {
        let hub = self.hub.child.tick(now);
        let mut windows = Vec::new();
        for (index, window) in self.windows.iter_mut().enumerate() {
            if !window.closed && window.child.tick(now) {
                windows.push(index);
            }
        }
        if !hub && windows.is_empty() {
            return;
        }
        self.changed = true;
        self.installation.look_now();
        if let Some(why) = self.installation.under_way(SystemTime::now()) {
            self.postpone(now, &why);
            return;
        }
        let version = self.installation.version().unwrap_or(VERSION).to_owned();
        // The hub before the windows: it is up before WebKit asks for it.
        if hub {
            self.start_hub(&version);
        }
        for index in windows {
            let Some(window) = self.windows.get_mut(index) else { continue };
            self.installation.window_part().clone_into(&mut window.part);
            let env = self.setup.environment(self.hub.child.epoch, &version);
            window.start(&self.setup, env, &mut self.journal);
        }
    }

    fn postpone(&mut self, now: Instant, why: &str) {
        let windows = self.windows.iter_mut().filter(|window| !window.closed);
        let children = windows.map(|window| &mut window.child).chain([&mut self.hub.child]);
        for child in children.filter(|child| child.is_due(now)) {
            if child.postpone(now, why) {
                self.journal.line("root", &format!("{} {why}", child.name));
            }
        }
    }

    fn start_hub(&mut self, version: &str) {
        // One that nobody needed has left meanwhile.
        self.ensure_keeper();
        self.installation.starts_hub();
        let (setup, listener) = (&self.setup, self.listener.as_ref());
        self.hub.start(hub::Start { setup, listener, version }, &mut self.journal);
    }

    /// Another set of files is complete by now: a person is told, and starts it by [`Root::reload`].
    fn look_at_installation(&mut self, now: Instant) {
        if self.installation.look(now) {
            let version = self.installation.version().unwrap_or_default();
            self.journal.line("root", &format!("Bulkhead {version} is installed"));
            self.changed = true;
        }
    }

    /// What is installed, and whether something of it does not run yet.
    pub(crate) fn installed(&self) -> Option<Installed> {
        let windows = self.windows.iter().filter(|window| window.child.process.is_some());
        self.installation.news(windows.map(|window| window.part.as_str()))
    }

    /// Starts the installed files in the place of those that run, as far as they differ. The keeper and its shells stay.
    pub(crate) fn reload(&mut self) {
        self.journal.line("root", "reload was asked for");
        let part = self.installation.window_part().to_owned();
        for window in self.windows.iter_mut().filter(|window| window.part != part) {
            window.child.kill_as_asked(Signal::TERM);
        }
        if self.installation.has_new_hub() {
            self.hub.child.kill_as_asked(Signal::TERM);
        }
    }

    /// A runtime dir that was cleaned away is made again; one that cannot be had ends the instance, shells stay.
    fn look_after_folder(&mut self, now: Instant) {
        let shown = self.setup.instance.runtime_dir.display().to_string();
        match self.folder.look(&self.setup.instance, now) {
            Ok(Look::InPlace) => {}
            Ok(Look::MadeAgain) => {
                self.journal.line("root", &format!("{shown} was cleaned away: made again"));
                self.told.clear();
                self.changed = true;
                // Its socket went with the folder, and only a new hub listens at the new place.
                self.hub.child.kill_as_asked(Signal::TERM);
            }
            Err(failure) => {
                let words = format!("{shown} is lost: {failure}. Ending; shells go on");
                self.journal.line("root", &words);
                self.exit = ExitCode::FAILURE;
                self.quit(false);
            }
        }
    }

    /// Writes into `instance.json` whether the hub is parked, when that changed.
    pub(crate) fn tell_instance(&mut self) {
        if self.quitting() {
            return;
        }
        let text = about::text(&self.setup, HubNews::of(&self.hub.child));
        if text == self.told {
            return;
        }
        if let Err(error) = about::write(&self.setup, &text) {
            self.journal.line("root", &format!("instance.json cannot be written: {error}"));
        }
        self.told = text;
    }

    fn tick_quit(&mut self, now: Instant) {
        match self.quitting {
            Quitting::Windows { until, all } => {
                if self.windows.iter().all(|window| window.child.process.is_none()) || now >= until
                {
                    for window in &self.windows {
                        if let Some(process) = &window.child.process {
                            process.signal_group(Signal::KILL);
                        }
                    }
                    self.stop_hub();
                    self.quitting = Quitting::Hub { until: now + HUB_STOP_MAX, all };
                    // A hub that is not there is not waited for.
                    self.tick_quit(now);
                }
            }
            Quitting::Hub { until, all } => {
                if self.hub.child.process.is_none() || now >= until {
                    self.kill_children();
                    if all {
                        self.end_keeper();
                    }
                    self.quitting = Quitting::Done;
                }
            }
            Quitting::No | Quitting::Done => {}
        }
    }

    fn stop_hub(&mut self) {
        self.hub.child.state = State::Stopping;
        if let Some(process) = self.hub.child.process.as_mut() {
            process.asked = true;
            // A stopped process takes no TERM.
            process.signal(Signal::CONT);
            process.signal(Signal::TERM);
        }
    }

    fn end_keeper(&mut self) {
        let folder = &self.setup.instance.runtime_dir;
        if let Err(error) = keeper::shut_down(folder, keeper::MAJOR) {
            self.journal.line("root", &format!("keeper: {error}; ending it by signal"));
            self.keeper.signal(Signal::TERM);
        }
        for major in keeper::other_majors(folder) {
            if let Err(error) = keeper::shut_down(folder, major) {
                let line = format!("keeper of version {major}: {error}; ending it by signal");
                self.journal.line("root", &line);
                // One that is gone by now has ended its shells.
                drop(keeper::signal_other(folder, major, Signal::TERM));
                drop(keeper::signal_other(folder, major, Signal::CONT));
            }
        }
    }

    fn kill_children(&mut self) {
        let children = self.windows.iter().map(|window| &window.child).chain([&self.hub.child]);
        for process in children.filter_map(|child| child.process.as_ref()) {
            process.signal_group(Signal::KILL);
        }
    }

    /// Finds the keeper or starts it.
    pub(crate) fn ensure_keeper(&mut self) {
        if let Err(error) = self.keeper.ensure(&self.setup, &mut self.journal) {
            self.keeper.reason = format!("cannot be started: {error}");
            let line = format!("keeper {}", self.keeper.reason);
            self.journal.line("root", &line);
        }
        self.changed = true;
    }

    /// The hub is ready, and in window mode a window is: whoever started us may hear it.
    pub(crate) fn check_ready(&mut self) {
        let shown = self.setup.mode == Mode::Browser
            || self.windows.iter().any(|window| window.child.is_ready());
        if self.hub.child.is_ready() && shown {
            let socket = self.setup.instance.runtime_dir.join("hub.sock");
            let socket = socket.to_string_lossy();
            self.reporter.ready(&News { url: &self.url, socket: &socket });
        }
    }

    /// A parked hub is told in the window and asked about; a parked last window ends the instance.
    fn check_parked(&mut self) {
        if self.hub.child.state == State::Parked && self.hub.child.process.is_none() {
            self.hub_parked();
        }
        let parked = self.windows.iter().position(|window| {
            window.child.state == State::Parked && window.child.process.is_none()
        });
        if let Some(index) = parked {
            let window = self.windows.remove(index);
            let child = &window.child;
            let words = alarm::window_words(&child.name, &child.reason, &child.said);
            self.journal.line("root", &words);
            self.fail(&words);
            if self.windows.is_empty() {
                self.exit = ExitCode::FAILURE;
                self.quit(false);
            }
        }
    }

    fn hub_parked(&mut self) {
        if self.alarm.is_some() || self.hub.child.told_parked {
            return;
        }
        self.hub.child.told_parked = true;
        let words = format!(
            "the hub does not start: {}. Log: {}. To try again: bulkhead actor retry hub",
            self.hub.child.reason,
            self.setup.instance.state_dir.join("root.log").display()
        );
        self.journal.line("root", &words);
        let waited = self.reporter.failed(&words);
        if self.setup.mode == Mode::Browser || self.windows.is_empty() {
            if waited {
                self.exit = ExitCode::FAILURE;
                self.quit(false);
            }
            return;
        }
        for window in &mut self.windows {
            window.order(&json!({ "type": "notice", "text": "The hub does not start" }));
        }
        self.alarm = Alarm::hub_parked(&self.setup, &words).ok();
    }

    fn fail(&mut self, words: &str) {
        if !self.reporter.failed(words) {
            alarm::say(words);
        }
    }

    fn clean_up(&mut self) {
        let folder = &self.setup.instance.runtime_dir;
        if !self.folder.is_ours(folder) {
            self.journal.line("root", "ended; the runtime dir is another's");
            return;
        }
        for name in ["instance.json", "hub.sock", "token", "session.key", "serve.token"] {
            // One that was never made, or used up, is none to remove.
            drop(fs::remove_file(folder.join(name)));
        }
        self.journal.line("root", "ended");
    }
}
