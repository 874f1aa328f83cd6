/** How a contract is written down: subject, schemas, what happens while the target restarts, what a recorder may keep. */
import type { GenericSchema } from "valibot";

/** What the hub does with a call whose target is being restarted. Calls under way are always failed, never replayed. */
export type WhenRestarting = "hold" | "fail" | "drop";

/** What the flight recorder may keep of a payload. */
export type CaptureClass =
  /** Up to 4 KiB. */
  | "normal"
  /** Header and size, unless a person pressed "Record contents". */
  | "content"
  /** Header and size, always. */
  | "secret";

/** A request with one reply. */
export interface MethodContract<I, O> {
  readonly type: "method";
  /** `<actor>.<verb>`; the part before the first dot names the actor that serves it. */
  readonly subject: string;
  readonly input: GenericSchema<unknown, I>;
  readonly output: GenericSchema<unknown, O>;
  readonly whenRestarting: WhenRestarting;
  readonly capture: CaptureClass;
  /** Whether it changes something: "Send again" warns. */
  readonly changes: "nothing" | "something";
}

/** An event that any number of subscribers get. */
export interface TopicContract<V> {
  readonly type: "topic";
  readonly subject: string;
  readonly value: GenericSchema<unknown, V>;
  /** Keep the last value for late joiners. */
  readonly retained: boolean;
  readonly capture: CaptureClass;
}

/** A credited stream. Data frames are raw bytes. */
export interface StreamContract<I, A> {
  readonly type: "stream";
  readonly subject: string;
  readonly input: GenericSchema<unknown, I>;
  readonly accept: GenericSchema<unknown, A>;
  readonly whenRestarting: WhenRestarting;
  readonly capture: CaptureClass;
}

/** Anything a contract file exports. */
export type AnyContract =
  | MethodContract<never, unknown>
  | TopicContract<never>
  | StreamContract<never, unknown>;

interface MethodSpec<I, O> {
  readonly input: GenericSchema<unknown, I>;
  readonly output: GenericSchema<unknown, O>;
  readonly whenRestarting?: WhenRestarting;
  readonly capture?: CaptureClass;
  readonly changes?: "nothing" | "something";
}

/** A method; defaults: fail while restarting, capture normal, changes nothing. */
export function method<I, O>(subject: string, spec: MethodSpec<I, O>): MethodContract<I, O> {
  return {
    type: "method",
    subject,
    whenRestarting: "fail",
    capture: "normal",
    changes: "nothing",
    ...spec,
  };
}

/** A topic; defaults: not retained, capture normal. */
export function topic<V>(
  subject: string,
  spec: { value: GenericSchema<unknown, V>; retained?: boolean; capture?: CaptureClass },
): TopicContract<V> {
  return { type: "topic", subject, retained: false, capture: "normal", ...spec };
}

/** A stream; defaults: fail while restarting, capture content. */
export function stream<I, A>(
  subject: string,
  spec: {
    input: GenericSchema<unknown, I>;
    accept: GenericSchema<unknown, A>;
    whenRestarting?: WhenRestarting;
    capture?: CaptureClass;
  },
): StreamContract<I, A> {
  return { type: "stream", subject, whenRestarting: "fail", capture: "content", ...spec };
}
