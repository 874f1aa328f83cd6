//! The desktop's colour scheme, from the settings portal, and its changes. WebKitGTK always says light.
use gio::prelude::{DBusProxyExt as _, ObjectExt as _, ToVariant as _};
use gtk::prelude::GtkSettingsExt as _;

use crate::log;

const PORTAL: &str = "org.freedesktop.portal.Desktop";
const PATH: &str = "/org/freedesktop/portal/desktop";
const SETTINGS: &str = "org.freedesktop.portal.Settings";
const NAMESPACE: &str = "org.freedesktop.appearance";
const KEY: &str = "color-scheme";
/// A portal that is slow to start must not hold the page back.
const ANSWER_MS_MAX: i32 = 3_000;

/// Reads the scheme and follows it. `changed` gets `dark` or `light`, first as soon as the portal answers.
pub(crate) fn follow(changed: impl Fn(&'static str) + 'static) {
    glib::MainContext::default().spawn_local(async move {
        if let Err(error) = watch(changed).await {
            log::line(&format!("no colour scheme from the desktop portal: {error}"));
        }
    });
}

/// What GTK's own theme says, before the portal has answered; nothing when it does not lean to dark.
pub(crate) fn guess() -> Option<&'static str> {
    let settings = gtk::Settings::default()?;
    let named =
        settings.gtk_theme_name().is_some_and(|name| name.to_lowercase().ends_with("-dark"));
    (named || settings.is_gtk_application_prefer_dark_theme()).then_some("dark")
}

async fn watch(changed: impl Fn(&'static str) + 'static) -> Result<(), glib::Error> {
    let flags = gio::DBusProxyFlags::DO_NOT_LOAD_PROPERTIES;
    let bus = gio::BusType::Session;
    let proxy = gio::DBusProxy::for_bus_future(bus, flags, None, PORTAL, PATH, SETTINGS).await?;
    let wanted = (NAMESPACE, KEY).to_variant();
    let none = gio::DBusCallFlags::NONE;
    let reply = proxy.call_future("Read", Some(&wanted), none, ANSWER_MS_MAX).await?;
    if let Some(scheme) = reply.try_child_value(0).and_then(|value| scheme_of(&value)) {
        changed(scheme);
    }
    // The closure holds the proxy: dropping it would end the subscription.
    let held = proxy.clone();
    proxy.connect_local("g-signal", false, move |values| {
        let _held = &held;
        let signal = values.get(2).and_then(|value| value.get::<String>().ok());
        let body = values.get(3).and_then(|value| value.get::<glib::Variant>().ok());
        if let (Some("SettingChanged"), Some(body)) = (signal.as_deref(), body)
            && let Some(scheme) = changed_scheme(&body)
        {
            changed(scheme);
        }
        None
    });
    Ok(())
}

fn changed_scheme(body: &glib::Variant) -> Option<&'static str> {
    let (namespace, key, value) = body.get::<(String, String, glib::Variant)>()?;
    (namespace == NAMESPACE && key == KEY).then(|| scheme_of(&value)).flatten()
}

/// 1 prefers dark, 2 prefers light, 0 has no preference. Portals wrap the number in one or two variants.
fn scheme_of(value: &glib::Variant) -> Option<&'static str> {
    let mut value = value.clone();
    while let Some(inner) = value.as_variant() {
        value = inner;
    }
    match value.get::<u32>()? {
        1 => Some("dark"),
        2 => Some("light"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{changed_scheme, scheme_of};
    use gio::prelude::ToVariant as _;

    #[test]
    fn the_number_is_found_in_any_wrapping() {
        let dark = 1_u32.to_variant();
        assert_eq!(scheme_of(&dark), Some("dark"));
        assert_eq!(scheme_of(&dark.to_variant().to_variant()), Some("dark"));
        assert_eq!(scheme_of(&2_u32.to_variant().to_variant()), Some("light"));
        assert_eq!(scheme_of(&0_u32.to_variant()), None);
        assert_eq!(scheme_of(&"dark".to_variant()), None);
    }

    #[test]
    fn only_the_colour_scheme_is_followed() {
        let other = ("org.gnome", "color-scheme", 1_u32.to_variant()).to_variant();
        assert_eq!(changed_scheme(&other), None);
        let ours = ("org.freedesktop.appearance", "color-scheme", 2_u32.to_variant()).to_variant();
        assert_eq!(changed_scheme(&ours), Some("light"));
    }
}
