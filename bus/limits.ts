/** Every bound of the bus: name with unit, value, reason. PROTOCOL.md section 9 is generated from this file. */

/** Whole frame. Checked on the length field before anything is buffered. */
export const FRAME_BYTES_MAX = 16 * 1024 * 1024;
/** One `data` frame; larger pieces are split so that streams interleave fairly on a link. */
export const DATA_BYTES_MAX = 64 * 1024;
/** Extension part; its entries are at most 255 bytes each. */
export const EXTENSION_BYTES_MAX = 1024;
/** A subject or peer name, UTF-8. Fits one extension entry. */
export const SUBJECT_BYTES_MAX = 200;
/** Distinct subjects a hub interns; past it the sender gets `bus/limit`. */
export const SUBJECTS_MAX = 16_384;
/** `hello` must arrive this soon after the link is up, milliseconds. */
export const HELLO_TIMEOUT_MS = 5_000;
/** Default time a call may take, milliseconds. */
export const REQUEST_TIMEOUT_MS = 30_000;
/** Longest deadline that can be asked for, milliseconds (24 h). */
export const REQUEST_TIMEOUT_MS_MAX = 86_400_000;
/** Calls one peer may have under way. */
export const CALLS_IN_FLIGHT_MAX = 4_096;
/** Streams one peer may have open. */
export const STREAMS_OPEN_MAX = 1_024;
/** First credit of a stream unless the opener says otherwise. */
export const STREAM_WINDOW_BYTES = 256 * 1024;
/** Bytes one stream end may have waiting for credit before further writes are refused. */
export const STREAM_QUEUE_BYTES_MAX = 16 * 1024 * 1024;
/** Messages waiting for one destination. */
export const MAILBOX_MESSAGES_MAX = 8_192;
/** Bytes waiting for one destination. One message is let in over the bound so that it can ever pass. */
export const MAILBOX_BYTES_MAX = 32 * 1024 * 1024;
/** Messages held for an actor that is being restarted. */
export const HOLD_MESSAGES_MAX = 1_024;
/** Bytes held for an actor that is being restarted. */
export const HOLD_BYTES_MAX = 8 * 1024 * 1024;
/** Last values kept for late subscribers. */
export const RETAINED_TOPICS_MAX = 1_024;
/** One retained value. */
export const RETAINED_BYTES_MAX = 1024 * 1024;
/** Subscriptions of one peer. */
export const SUBSCRIPTIONS_MAX = 1_024;
/** Hops of one trace before it is taken for a loop. */
export const TRACE_HOPS_MAX = 32;
/** Recorder: ring of all headers. */
export const RECORDER_HEADER_BYTES = 8 * 1024 * 1024;
/** Recorder: ring of call, event and control payloads. */
export const RECORDER_PAYLOAD_BYTES = 8 * 1024 * 1024;
/** Recorder: ring of stream data. */
export const RECORDER_STREAM_BYTES = 4 * 1024 * 1024;
/** Recorder: of one call or event payload at most this much is kept. */
export const RECORDER_PAYLOAD_SNAP_BYTES = 4 * 1024;
/** Recorder: of one stream frame at most this much is kept. */
export const RECORDER_STREAM_SNAP_BYTES = 128;
/** A tap's own queue; what does not fit is counted as not captured. */
export const TAP_QUEUE_BYTES_MAX = 4 * 1024 * 1024;
/** Taps open at once. */
export const TAPS_MAX = 16;
/** Peers at once, actors and edge peers together. */
export const PEERS_MAX = 512;
/** Edge peers that have said hello; what is left of `PEERS_MAX` is kept for actors and for links without hello. */
export const EDGE_PEERS_MAX = 384;
/** Of them those that are no page: pages (`ui`) find room whatever else attaches. */
export const EDGE_PEERS_OTHER_MAX = 320;
/** Links of edge peers that have not said hello; one more and the oldest of them is closed. */
export const UNGREETED_MAX = 64;
/** Subjects outside the contracts that one peer may name. */
export const SUBJECTS_NAMED_MAX = 1_024;
/** Subjects outside the contracts that all edge peers of a hub's life may name together. */
export const SUBJECTS_NAMED_BY_EDGES_MAX = 8_192;
/** Bytes of the hub's own answers that wait for a peer that does not read before the hub stops reading it. */
export const ANSWERS_BYTES_MAX = 256 * 1024;
