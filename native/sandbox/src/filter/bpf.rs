//! A tiny assembler for seccomp programs: rules by system call number, decided on the low halves of arguments.
//!
//! Arguments that are pointers are never looked at here: their memory can change after the look.

/// What the kernel does with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// The call goes on.
    Allow,
    /// The call is not made; the caller gets this error number.
    Errno(u16),
    /// The call waits until the supervisor answers.
    Notify,
    /// The whole process ends with SIGSYS.
    Kill,
}

impl Action {
    fn value(self) -> u32 {
        match self {
            Self::Allow => libc::SECCOMP_RET_ALLOW,
            Self::Errno(number) => libc::SECCOMP_RET_ERRNO | u32::from(number),
            Self::Notify => libc::SECCOMP_RET_USER_NOTIF,
            Self::Kill => libc::SECCOMP_RET_KILL_PROCESS,
        }
    }
}

/// Holds when `argument & mask == value`, on the low 32 bits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Condition {
    pub(crate) argument: u32,
    pub(crate) mask: u32,
    pub(crate) value: u32,
}

/// Shorthand for an exact low half.
pub(crate) const fn is(argument: u32, value: u32) -> Condition {
    Condition { argument, mask: u32::MAX, value }
}

/// Shorthand for some bits of a low half.
pub(crate) const fn bits(argument: u32, mask: u32, value: u32) -> Condition {
    Condition { argument, mask, value }
}

/// What one system call meets: `matched` when all conditions of any case hold, else `otherwise`.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub(crate) call: i64,
    pub(crate) cases: Vec<Vec<Condition>>,
    pub(crate) matched: Action,
    pub(crate) otherwise: Action,
}

impl Rule {
    /// The same answer whatever the arguments.
    pub(crate) fn always(call: i64, action: Action) -> Self {
        Self { call, cases: Vec::new(), matched: action, otherwise: action }
    }
}

#[cfg(target_arch = "x86_64")]
const ARCHITECTURE: u32 = 0xc000_003e;
#[cfg(target_arch = "aarch64")]
const ARCHITECTURE: u32 = 0xc000_00b7;

/// Numbers from here on are the x32 ones, which no program of ours uses.
const X32_BIT: u32 = 0x4000_0000;
const NUMBER_AT: u32 = 0;
const ARCHITECTURE_AT: u32 = 4;
const ARGUMENTS_AT: u32 = 16;

const LOAD: u16 = 0x20;
const AND: u16 = 0x54;
const JUMP_EQUAL: u16 = 0x15;
const JUMP_AT_LEAST: u16 = 0x35;
const RETURN: u16 = 0x06;

/// One program: another architecture and x32 end the process, a call without a rule is allowed.
///
/// Each rule is a block that the calls of other numbers jump over:
/// `number == call ? cases : next rule`, each case `load, and, compare -> next case`, then its return.
pub(crate) fn assemble(rules: &[Rule]) -> Result<Vec<libc::sock_filter>, String> {
    let mut program = vec![
        step(LOAD, ARCHITECTURE_AT),
        jump(JUMP_EQUAL, ARCHITECTURE, 1, 0),
        answer(Action::Kill),
        step(LOAD, NUMBER_AT),
        jump(JUMP_AT_LEAST, X32_BIT, 0, 1),
        answer(Action::Kill),
    ];
    for rule in rules {
        let block = block(rule)?;
        let number = u32::try_from(rule.call).map_err(|_| format!("system call {}", rule.call))?;
        program.push(jump(JUMP_EQUAL, number, 0, distance(block.len())?));
        program.extend(block);
    }
    program.push(answer(Action::Allow));
    if program.len() > usize::from(libc::BPF_MAXINSNS as u16) {
        return Err(format!("{} steps, at most {}", program.len(), libc::BPF_MAXINSNS));
    }
    Ok(program)
}

/// Every path through a block ends in a return, so the number need not be loaded again.
fn block(rule: &Rule) -> Result<Vec<libc::sock_filter>, String> {
    let mut block = Vec::new();
    for case in &rule.cases {
        let steps = case.len() * 3;
        for (index, condition) in case.iter().enumerate() {
            // Past what is left of this case and its return.
            let next_case = distance(steps - (index + 1) * 3 + 1)?;
            block.push(step(LOAD, ARGUMENTS_AT + 8 * condition.argument));
            block.push(step(AND, condition.mask));
            block.push(jump(JUMP_EQUAL, condition.value, 0, next_case));
        }
        block.push(answer(rule.matched));
    }
    block.push(answer(rule.otherwise));
    Ok(block)
}

fn distance(steps: usize) -> Result<u8, String> {
    u8::try_from(steps).map_err(|_| format!("a rule of {steps} steps, at most 255"))
}

fn step(code: u16, k: u32) -> libc::sock_filter {
    libc::sock_filter { code, jt: 0, jf: 0, k }
}

fn jump(code: u16, k: u32, jt: u8, jf: u8) -> libc::sock_filter {
    libc::sock_filter { code, jt, jf, k }
}

fn answer(action: Action) -> libc::sock_filter {
    step(RETURN, action.value())
}

/// An interpreter of these programs, so that each rule can be tried without a process.
#[cfg(test)]
pub(crate) mod machine {
    use super::*;

    /// A system call as the kernel shows it to a filter.
    #[derive(Debug, Clone, Copy)]
    pub(crate) struct Call {
        pub(crate) architecture: u32,
        pub(crate) number: u32,
        pub(crate) arguments: [u64; 6],
    }

    /// A call of this machine's own kind.
    pub(crate) fn call(number: i64, arguments: &[u64]) -> Call {
        let mut all = [0; 6];
        all[..arguments.len()].copy_from_slice(arguments);
        let number = u32::try_from(number).unwrap();
        Call { architecture: ARCHITECTURE, number, arguments: all }
    }

    /// The value of the return reached.
    pub(crate) fn run(program: &[libc::sock_filter], call: Call) -> u32 {
        let (mut at, mut accumulator) = (0, 0_u32);
        loop {
            let step = program[at];
            at += 1;
            let branch = |yes: bool| usize::from(if yes { step.jt } else { step.jf });
            match step.code {
                LOAD => accumulator = load(call, step.k),
                AND => accumulator &= step.k,
                JUMP_EQUAL => at += branch(accumulator == step.k),
                JUMP_AT_LEAST => at += branch(accumulator >= step.k),
                RETURN => return step.k,
                other => panic!("step {other:#x} is none of ours"),
            }
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "the low half is what a filter loads")]
    fn load(call: Call, offset: u32) -> u32 {
        match offset {
            NUMBER_AT => call.number,
            ARCHITECTURE_AT => call.architecture,
            _ => call.arguments[((offset - ARGUMENTS_AT) / 8) as usize] as u32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::machine::{call, run};
    use super::*;

    const EPERM: u32 = libc::SECCOMP_RET_ERRNO | libc::EPERM as u32;

    fn program() -> Vec<libc::sock_filter> {
        let denied = Action::Errno(libc::EPERM as u16);
        let cases = vec![vec![is(0, 2), bits(1, 0xf, 1)], vec![is(0, 10)]];
        assemble(&[
            Rule::always(7, denied),
            Rule { call: 9, cases, matched: Action::Allow, otherwise: denied },
            Rule::always(11, Action::Notify),
        ])
        .unwrap()
    }

    #[test]
    fn each_call_meets_its_own_rule() {
        let program = program();
        let meets = |number, arguments: &[u64]| run(&program, call(number, arguments));
        assert_eq!(meets(7, &[]), EPERM);
        assert_eq!(meets(8, &[]), libc::SECCOMP_RET_ALLOW);
        assert_eq!(meets(11, &[]), libc::SECCOMP_RET_USER_NOTIF);
        assert_eq!(meets(9, &[2, 0x80001]), libc::SECCOMP_RET_ALLOW);
        assert_eq!(meets(9, &[2, 2]), EPERM);
        assert_eq!(meets(9, &[10, 2]), libc::SECCOMP_RET_ALLOW);
        assert_eq!(meets(9, &[1, 1]), EPERM);
    }

    #[test]
    fn only_the_low_half_that_the_kernel_uses_counts() {
        assert_eq!(run(&program(), call(9, &[0x1_0000_0002, 1])), libc::SECCOMP_RET_ALLOW);
        assert_eq!(run(&program(), call(9, &[0x2_0000_0001, 1])), EPERM);
    }

    #[test]
    fn another_architecture_and_x32_end_the_process() {
        let foreign = machine::Call { architecture: 0x4000_0003, ..call(1, &[]) };
        assert_eq!(run(&program(), foreign), libc::SECCOMP_RET_KILL_PROCESS);
        let x32 = call(i64::from(X32_BIT) + 1, &[]);
        assert_eq!(run(&program(), x32), libc::SECCOMP_RET_KILL_PROCESS);
    }

    #[test]
    fn a_rule_too_long_to_jump_over_is_refused() {
        let cases = vec![vec![is(0, 1)]; 64];
        let rule = Rule { call: 1, cases, matched: Action::Allow, otherwise: Action::Kill };
        assert!(assemble(&[rule]).unwrap_err().contains("at most 255"));
    }
}
