//! Powers of the superuser that a confined program must not have.

use std::io;

use rustix::thread::{
    CapabilitiesSecureBits, CapabilitySet, CapabilitySets, set_capabilities,
    set_capabilities_secure_bits,
};

const LAST_KNOWN: u32 = 63;

/// Gives all of them up for good, also for programs that would be given them when run by the superuser.
/// For an ordinary user there is nothing to give up.
pub(crate) fn drop_all() -> io::Result<()> {
    if !rustix::process::geteuid().is_root() && !holds_any()? {
        return Ok(());
    }
    for capability in 0..=LAST_KNOWN {
        // SAFETY: two numbers; the kernel refuses those it does not know.
        unsafe { libc::prctl(libc::PR_CAPBSET_DROP, libc::c_ulong::from(capability), 0, 0, 0) };
    }
    // Without the capability to do so the bits cannot be set; then there was no power to keep either.
    let bits = CapabilitiesSecureBits::NO_ROOT | CapabilitiesSecureBits::NO_ROOT_LOCKED;
    match set_capabilities_secure_bits(bits) {
        Ok(()) | Err(rustix::io::Errno::PERM) => {}
        Err(error) => return Err(error.into()),
    }
    let none = CapabilitySet::empty();
    let sets = CapabilitySets { effective: none, permitted: none, inheritable: none };
    set_capabilities(None, sets)?;
    Ok(())
}

fn holds_any() -> io::Result<bool> {
    let sets = rustix::thread::capabilities(None)?;
    Ok(!sets.permitted.is_empty() || !sets.effective.is_empty())
}
