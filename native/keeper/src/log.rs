//! Log lines on stderr: time, level, message.

use std::fmt;
use std::io::Write;

use crate::clock::wall_ms;

/// Something a person may want to know.
pub(crate) fn info(message: fmt::Arguments<'_>) {
    line("info", message);
}

/// Something was refused or failed.
pub(crate) fn warn(message: fmt::Arguments<'_>) {
    line("warn", message);
}

fn line(level: &str, message: fmt::Arguments<'_>) {
    let now = wall_ms();
    let text = format!("{} {level} {message}\n", Utc(now));
    // A log that cannot be written must not end the shells.
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// RFC 3339 in UTC with milliseconds.
struct Utc(u64);

impl fmt::Display for Utc {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, ms) = (self.0 / 1000, self.0 % 1000);
        let (year, month, day) = civil(seconds / 86_400);
        let (h, m, s) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
        write!(out, "{year:04}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}.{ms:03}Z")
    }
}

/// Days since 1970 to year, month, day: the proleptic Gregorian calendar with years that start in March.
fn civil(days: u64) -> (u64, u64, u64) {
    const DAYS_400_YEARS: u64 = 146_097;
    const DAYS_FROM_YEAR_0_MARCH: u64 = 719_468;
    let shifted = days + DAYS_FROM_YEAR_0_MARCH;
    let (era, day) = (shifted / DAYS_400_YEARS, shifted % DAYS_400_YEARS);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    (era * 400 + year + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_785_542_399_999, "2026-07-31T23:59:59.999Z"),
        ] {
            assert_eq!(Utc(ms).to_string(), text);
        }
    }
}
