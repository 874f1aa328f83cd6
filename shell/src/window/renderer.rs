//! The page's process: when it ends, the page is loaded again, at most three times a minute.
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use gtk::prelude::{GtkWindowExt, IsA};
use serde_json::json;
use webkit2gtk::{LoadEvent, WebProcessTerminationReason, WebView, WebViewExt};

use crate::bridge::Bridge;
use crate::control::Control;
use crate::dialog::{self, Words};
use crate::document::Crash;
use crate::log;
use crate::route::HOME;

/// Reloads allowed within [`WINDOW`].
const RELOADS_MAX: usize = 3;
const WINDOW: Duration = Duration::from_secs(60);
/// Address that makes the page start with one terminal instead of the saved layout.
const PLAIN: &str = "bulkhead://app/?plain";

/// Counts ends of the page's process.
#[derive(Debug, Default)]
pub(crate) struct Budget {
    ends: VecDeque<Instant>,
}

impl Budget {
    /// Notes an end; true while the page may be loaded again without asking.
    pub(crate) fn allows(&mut self, now: Instant) -> bool {
        while self.ends.front().is_some_and(|end| now.duration_since(*end) > WINDOW) {
            self.ends.pop_front();
        }
        self.ends.push_back(now);
        self.ends.len() <= RELOADS_MAX
    }

    /// Ends within the last minute.
    pub(crate) fn count(&self) -> usize {
        self.ends.len()
    }

    /// Forgets them: a person has decided.
    pub(crate) fn clear(&mut self) {
        self.ends.clear();
    }
}

/// Follows the process behind `view`. In a drill there is no limit.
pub(crate) fn watch(
    view: &WebView,
    window: &(impl IsA<gtk::Window> + Clone),
    bridge: &Rc<Bridge>,
    control: &Rc<Control>,
) {
    let drill = std::env::var_os("BULKHEAD_DRILL").is_some_and(|value| value == "1");
    let budget = Rc::new(RefCell::new(Budget::default()));
    let told = Rc::clone(control);
    view.connect_load_changed(move |_, event| {
        // Committed: the document has come, so there is a web process the root can list.
        if event == LoadEvent::Committed {
            told.send(&json!({ "type": "page-loaded" }));
        }
    });
    let (window, bridge, control) = (window.clone(), Rc::clone(bridge), Rc::clone(control));
    view.connect_web_process_terminated(move |view, reason| {
        let crash = Crash { reason: word(reason), at_ms: now_ms() };
        log::line(&format!("the page's process ended: {}", crash.reason));
        control.send(&json!({ "type": "page-terminated", "reason": crash.reason }));
        bridge.page_ended(crash);
        let allowed = budget.borrow_mut().allows(Instant::now());
        if allowed || drill {
            view.load_uri(HOME);
        } else {
            ask(view, &window, &budget);
        }
    });
}

fn ask(view: &WebView, window: &(impl IsA<gtk::Window> + Clone), budget: &Rc<RefCell<Budget>>) {
    let count = budget.borrow().count();
    let words = Words {
        title: format!("The window's page crashed {count} times in a minute."),
        text: "Your shells are running.".to_owned(),
        buttons: ["Start with a plain layout", "Try again", "Quit, keep shells"]
            .map(String::from)
            .to_vec(),
    };
    let (view, parent, budget) = (view.clone(), window.clone(), Rc::clone(budget));
    dialog::show(&words, window, move |number| {
        budget.borrow_mut().clear();
        match number {
            0 => view.load_uri(PLAIN),
            1 => view.load_uri(HOME),
            _ => parent.close(),
        }
    });
}

fn word(reason: WebProcessTerminationReason) -> &'static str {
    match reason {
        WebProcessTerminationReason::ExceededMemoryLimit => "exceeded-memory-limit",
        WebProcessTerminationReason::TerminatedByApi => "terminated",
        _ => "crashed",
    }
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::Budget;
    use std::time::{Duration, Instant};

    #[test]
    fn three_reloads_a_minute_are_allowed_and_the_fourth_is_asked_for() {
        let mut budget = Budget::default();
        let start = Instant::now();
        let allowed: Vec<bool> =
            (0..4).map(|second| budget.allows(start + Duration::from_secs(second))).collect();
        assert_eq!(allowed, [true, true, true, false]);
        assert_eq!(budget.count(), 4);
        assert!(budget.allows(start + Duration::from_secs(62)));
        budget.clear();
        assert!(budget.allows(start + Duration::from_secs(63)));
    }
}
