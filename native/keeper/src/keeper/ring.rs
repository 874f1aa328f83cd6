//! Output of one terminal by absolute offset: the newest bytes, up to a capacity that grows.
//!
//! ```text
//!        tail ........... head        offsets, 64 bit, never reused
//!   gone |    kept bytes   |  not yet
//! ```

/// Capacity a ring starts with, bytes.
pub(crate) const RING_BYTES_MIN: usize = 64 * 1024;
/// Capacity it grows to, bytes.
pub(crate) const RING_BYTES_MAX: usize = 1024 * 1024;
/// Capacity of all rings together, bytes.
pub(crate) const RINGS_BYTES_MAX: usize = 256 * 1024 * 1024;

/// What all rings of a keeper have taken.
#[derive(Debug)]
pub(crate) struct RingBudget {
    used: usize,
    max: usize,
}

impl RingBudget {
    pub(crate) const fn new(max: usize) -> Self {
        Self { used: 0, max }
    }

    pub(crate) const fn used(&self) -> usize {
        self.used
    }

    /// Takes `bytes` if they are left.
    pub(crate) const fn take(&mut self, bytes: usize) -> bool {
        let fits = self.used + bytes <= self.max;
        if fits {
            self.used += bytes;
        }
        fits
    }

    /// Gives back what a ring had.
    pub(crate) const fn give(&mut self, bytes: usize) {
        self.used = self.used.saturating_sub(bytes);
    }
}

/// The ring. Its owner gives the capacity back to the budget.
#[derive(Debug)]
pub(crate) struct Ring {
    bytes: Vec<u8>,
    tail: u64,
    head: u64,
}

impl Ring {
    /// An empty ring from offset 0 on.
    #[cfg(test)]
    pub(crate) fn new(capacity: usize) -> Self {
        Self::starting_at(0, capacity)
    }

    /// An empty ring whose first byte will be `offset`; `capacity` above 0.
    pub(crate) fn starting_at(offset: u64, capacity: usize) -> Self {
        Self { bytes: vec![0; capacity], tail: offset, head: offset }
    }

    /// Oldest byte kept.
    pub(crate) const fn tail(&self) -> u64 {
        self.tail
    }

    /// One past the newest byte.
    pub(crate) const fn head(&self) -> u64 {
        self.head
    }

    pub(crate) const fn capacity(&self) -> usize {
        self.bytes.len()
    }

    /// Bytes that can be appended without losing the one at `protected` or any after it.
    pub(crate) fn room(&self, protected: Option<u64>) -> usize {
        let Some(protected) = protected else { return self.capacity() };
        let held = self.head.saturating_sub(protected.max(self.tail));
        self.capacity().saturating_sub(usize::try_from(held).unwrap_or(usize::MAX))
    }

    /// Doubles the capacity if nothing more fits without overwriting, up to the bounds.
    pub(crate) fn grow(&mut self, budget: &mut RingBudget) {
        let capacity = self.capacity();
        let is_full = self.room(Some(self.tail)) == 0;
        if !is_full || capacity * 2 > RING_BYTES_MAX || !budget.take(capacity) {
            return;
        }
        let mut bytes = self.copy(self.tail, capacity);
        bytes.resize(capacity * 2, 0);
        // The kept bytes begin at their own place modulo the new capacity.
        bytes.rotate_right(index(self.tail, capacity * 2));
        self.bytes = bytes;
    }

    /// Appends `piece`, at most one capacity, over the oldest bytes where there is no room.
    pub(crate) fn append(&mut self, piece: &[u8]) {
        let capacity = self.capacity();
        let piece = &piece[piece.len().saturating_sub(capacity)..];
        let at = index(self.head, capacity);
        let (first, second) = piece.split_at(piece.len().min(capacity - at));
        self.bytes[at..at + first.len()].copy_from_slice(first);
        self.bytes[..second.len()].copy_from_slice(second);
        self.head += piece.len() as u64;
        self.tail = self.tail.max(self.head.saturating_sub(capacity as u64));
    }

    /// Up to `bytes_max` bytes from `offset` on; empty outside of what is kept.
    pub(crate) fn copy(&self, offset: u64, bytes_max: usize) -> Vec<u8> {
        if offset < self.tail || offset >= self.head {
            return Vec::new();
        }
        let kept = usize::try_from(self.head - offset).unwrap_or(usize::MAX);
        let wanted = kept.min(bytes_max);
        let at = index(offset, self.capacity());
        let first = wanted.min(self.capacity() - at);
        let mut out = Vec::with_capacity(wanted);
        out.extend_from_slice(&self.bytes[at..at + first]);
        out.extend_from_slice(&self.bytes[..wanted - first]);
        out
    }
}

fn index(offset: u64, capacity: usize) -> usize {
    usize::try_from(offset % capacity as u64).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_found_by_offset_after_wrapping() {
        let mut ring = Ring::new(8);
        ring.append(b"abcdef");
        ring.append(b"ghij");
        assert_eq!((ring.tail(), ring.head()), (2, 10));
        assert_eq!(ring.copy(2, 100), b"cdefghij");
        assert_eq!(ring.copy(7, 2), b"hi");
        assert_eq!(ring.copy(1, 100), b"");
        assert_eq!(ring.copy(10, 100), b"");
    }

    #[test]
    fn protected_bytes_leave_less_room_and_unprotected_ones_none_the_less() {
        let mut ring = Ring::new(8);
        ring.append(b"abcdef");
        assert_eq!(ring.room(None), 8);
        assert_eq!(ring.room(Some(0)), 2);
        assert_eq!(ring.room(Some(4)), 6);
        ring.append(b"ghij");
        assert_eq!(ring.room(Some(0)), 0, "what is lost already cannot be protected");
    }

    #[test]
    fn growing_keeps_every_byte_at_its_offset_and_stops_at_the_bounds() {
        let mut budget = RingBudget::new(3 * RING_BYTES_MIN);
        let mut ring = Ring::starting_at(u64::from(u32::MAX) - 5, RING_BYTES_MIN);
        assert!(budget.take(RING_BYTES_MIN));
        let bytes: Vec<u8> = (0..RING_BYTES_MIN + 1000).map(|n| (n % 251) as u8).collect();
        ring.append(&bytes[..1000]);
        ring.append(&bytes[1000..]);
        let before = ring.copy(ring.tail(), usize::MAX);
        ring.grow(&mut budget);
        assert_eq!(ring.capacity(), 2 * RING_BYTES_MIN);
        assert_eq!(ring.copy(ring.tail(), usize::MAX), before);
        ring.append(&vec![7; RING_BYTES_MIN]);
        assert_eq!(ring.copy(ring.tail(), RING_BYTES_MIN), before);
        ring.grow(&mut budget);
        assert_eq!((ring.capacity(), budget.used()), (2 * RING_BYTES_MIN, 2 * RING_BYTES_MIN));
    }

    #[test]
    fn a_ring_that_is_not_full_does_not_grow() {
        let mut budget = RingBudget::new(RINGS_BYTES_MAX);
        let mut ring = Ring::new(RING_BYTES_MIN);
        ring.append(b"x");
        ring.grow(&mut budget);
        assert_eq!(ring.capacity(), RING_BYTES_MIN);
    }
}
