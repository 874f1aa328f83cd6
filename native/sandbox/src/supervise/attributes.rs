//! Modes, owners, times and extended attributes, on the object that the path led to.

use std::ffi::CString;
use std::os::fd::AsRawFd;

use rustix::fs::{Mode, XattrFlags};
use rustix::io::Errno;

use super::decode::{Request, Spot, Times};
use super::handle::Context;
use super::judge::Act;
use super::listener::Answer;
use super::task::c_path;
use super::walk::{Found, checked};

/// As the kernel bounds them.
const VALUE_BYTES_MAX: u64 = 65_536;
const NAME_BYTES_MAX: usize = 256;
/// Leaves an owner as it is.
const UNCHANGED: u32 = u32::MAX;
/// Attributes that programs change.
const HARMLESS: &[&[u8]] = &[b"user.", b"system.posix_acl_"];
const OTHER_IDENTITY: u32 = libc::S_ISUID | libc::S_ISGID;

/// chmod, chown, utimes, xattr and their relations.
pub(super) fn attributes(context: &Context<'_>, request: Request) -> Result<Answer, Errno> {
    let value = match request {
        Request::Mode { at, mode, flags } => change_mode(context, at, (mode, flags))?,
        Request::Owner { at, user, group, flags } => {
            change_owner(context, at, (user, group, flags))?
        }
        Request::SetTimes { at, times, flags } => set_times(context, at, (times, flags))?,
        Request::GetAttribute { at, name, out, size, flags } => {
            let name = read_name(context, name)?;
            let file = plain(context.find(at, flags, &[Act::Look])?, Errno::NODATA)?;
            give(context, (out, size), |bytes| {
                rustix::fs::getxattr(file.path.as_c_str(), &name, bytes)
            })?
        }
        Request::ListAttributes { at, out, size, flags } => {
            let file = plain(context.find(at, flags, &[Act::Look])?, Errno::OPNOTSUPP)?;
            give(context, (out, size), |bytes| rustix::fs::listxattr(file.path.as_c_str(), bytes))?
        }
        Request::SetAttribute { at, name, value, size, how, flags } => {
            let name = harmless(read_name(context, name)?)?;
            let mut bytes = vec![0; usize::try_from(bounded(size)?).map_err(|_| Errno::TOOBIG)?];
            context.task.read(value, &mut bytes)?;
            let file = plain(context.find(at, flags, &[Act::Write])?, Errno::OPNOTSUPP)?;
            rustix::fs::setxattr(
                file.path.as_c_str(),
                &name,
                &bytes,
                XattrFlags::from_bits_retain(how),
            )?;
            0
        }
        Request::RemoveAttribute { at, name, flags } => {
            let name = harmless(read_name(context, name)?)?;
            let file = plain(context.find(at, flags, &[Act::Write])?, Errno::OPNOTSUPP)?;
            rustix::fs::removexattr(file.path.as_c_str(), &name)?;
            0
        }
        _ => return Err(Errno::NOSYS),
    };
    Ok(Answer::Value(value))
}

/// No program of ours gives a file the power to run as another user.
fn change_mode(context: &Context<'_>, at: Spot, (mode, flags): (u32, u32)) -> Result<i64, Errno> {
    let found = context.find(at, flags, &[Act::Write])?;
    let object = found.object()?;
    if mode & OTHER_IDENTITY != 0 && !object.is(libc::S_IFDIR) {
        return Err(Errno::PERM);
    }
    let file = plain(found, Errno::OPNOTSUPP)?;
    rustix::fs::chmod(file.path.as_c_str(), Mode::from_raw_mode(mode & 0o7777))?;
    Ok(0)
}

/// Only to what the program itself is: this process may have the power to give files away, the program has not.
fn change_owner(
    context: &Context<'_>,
    at: Spot,
    (user, group, flags): (u32, u32, u32),
) -> Result<i64, Errno> {
    let found = context.find(at, flags, &[Act::Write])?;
    let own_user = rustix::process::geteuid().as_raw();
    let own_group = rustix::process::getegid().as_raw();
    if ![own_user, UNCHANGED].contains(&user) || ![own_group, UNCHANGED].contains(&group) {
        return Err(Errno::PERM);
    }
    let (fd, empty) = (found.fd.as_raw_fd(), libc::AT_EMPTY_PATH);
    // SAFETY: the path is an empty text that lives for ever, the rest are numbers.
    checked(unsafe { libc::syscall(libc::SYS_fchownat, fd, c"".as_ptr(), user, group, empty) })
}

fn set_times(context: &Context<'_>, at: Spot, (times, flags): (Times, u32)) -> Result<i64, Errno> {
    let wanted = read_times(context, times)?;
    // Without a path the descriptor itself is meant, as `futimens` does.
    let flags = if at.path == 0 { flags | libc::AT_EMPTY_PATH as u32 } else { flags };
    let found = context.find(at, flags, &[Act::Write])?;
    let pointer: *const [libc::timespec; 2] = wanted.as_ref().map_or(std::ptr::null(), |both| both);
    let (fd, empty) = (found.fd.as_raw_fd(), libc::AT_EMPTY_PATH);
    // SAFETY: the times, where there are any, live until the call is over.
    checked(unsafe { libc::syscall(libc::SYS_utimensat, fd, c"".as_ptr(), pointer, empty) })
}

/// The two times; none means now.
fn read_times(context: &Context<'_>, times: Times) -> Result<Option<[libc::timespec; 2]>, Errno> {
    let (address, scale) = match times {
        Times::Seconds(address) => (address, None),
        Times::Micros(address) => (address, Some(1000)),
        Times::Nanos(address) => (address, Some(1)),
    };
    if address == 0 {
        return Ok(None);
    }
    let mut bytes = [0; 32];
    let used = if scale.is_none() { 16 } else { 32 };
    context.task.read(address, &mut bytes[..used])?;
    let word = |index: usize| {
        let mut word = [0; 8];
        word.copy_from_slice(&bytes[index * 8..index * 8 + 8]);
        i64::from_ne_bytes(word)
    };
    let time = |seconds, fraction: i64, scale: i64| -> Result<libc::timespec, Errno> {
        let tv_nsec = fraction.checked_mul(scale).ok_or(Errno::INVAL)?;
        Ok(libc::timespec { tv_sec: seconds, tv_nsec })
    };
    Ok(Some(match scale {
        None => [time(word(0), 0, 1)?, time(word(1), 0, 1)?],
        Some(scale) => [time(word(0), word(1), scale)?, time(word(2), word(3), scale)?],
    }))
}

/// Our own path to it. Links themselves have neither mode nor attributes here.
fn plain(found: Found, otherwise: Errno) -> Result<Handle, Errno> {
    if found.object()?.is(libc::S_IFLNK) {
        return Err(otherwise);
    }
    Ok(Handle { path: c_path(found.handle().as_bytes())?, _found: found })
}

/// A path that leads to the object as long as the descriptor is open.
struct Handle {
    path: CString,
    _found: Found,
}

fn read_name(context: &Context<'_>, address: u64) -> Result<CString, Errno> {
    c_path(&context.task.read_text(address, NAME_BYTES_MAX, Errno::RANGE)?)
}

/// Others give powers to a file, or speak to the kernel.
fn harmless(name: CString) -> Result<CString, Errno> {
    let is_harmless = HARMLESS.iter().any(|prefix| name.as_bytes().starts_with(prefix));
    if is_harmless { Ok(name) } else { Err(Errno::PERM) }
}

fn bounded(size: u64) -> Result<u64, Errno> {
    if size <= VALUE_BYTES_MAX { Ok(size) } else { Err(Errno::TOOBIG) }
}

/// Asks with the caller's size, where 0 only asks how much there is.
fn give(
    context: &Context<'_>,
    (out, size): (u64, u64),
    ask: impl FnOnce(&mut [u8]) -> Result<usize, Errno>,
) -> Result<i64, Errno> {
    let mut bytes = vec![0; usize::try_from(size.min(VALUE_BYTES_MAX)).map_err(|_| Errno::INVAL)?];
    let got = ask(&mut bytes)?;
    if size > 0 {
        context.task.write(out, bytes.get(..got).ok_or(Errno::RANGE)?)?;
    }
    Ok(got as i64)
}
