//! Autosave: a state machine without clock, network or view.
//!
//! One request at a time. What is typed meanwhile waits for the answer; a lost request is tried again, later and later;
//! nothing but an answer that says so makes it « enregistré ».

/// Quiet time after the last key before a save, in milliseconds.
pub const DEBOUNCE_MS: u32 = 800;
/// The longest wait between two attempts, in milliseconds.
const MAX_BACKOFF_MS: u32 = 60_000;

/// Whether the server has the draft as it is here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// The server has everything.
    #[default]
    Clean,
    /// There is something to save, soon.
    Waiting,
    /// A request is under way.
    Saving,
    /// The last request was lost; another will follow.
    Lost,
    /// Somebody else changed the same fields: the user must choose.
    Conflict,
    /// The session is over: the user must sign in again.
    SignedOut,
    /// The server has refused it; the next edit tries again.
    Refused,
}

/// What happens to a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Something was changed.
    Edited,
    /// The wait is over.
    Due,
    /// It must be saved now: a button, the network is back, the page is about to go.
    Flush,
    /// The server has it.
    Saved,
    /// No answer.
    Lost,
    /// Somebody else changed the same fields.
    Clashed,
    /// Nobody is signed in any more.
    SignedOut,
    /// They are signed in again.
    SignedIn,
    /// The server says no.
    Refused,
    /// The user has chosen between two versions.
    Resolved,
    /// A file begins its way: nothing else may be sent until it has arrived.
    FileStarted,
    /// The file did not arrive.
    FileFailed,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Come back with [`Event::Due`] after that many milliseconds; an earlier wait is forgotten.
    Wait(u32),
    /// Send what has changed.
    Send,
}

/// The state of the machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Autosave {
    phase: Phase,
    /// Something was changed while the request was under way.
    edited_meanwhile: bool,
    /// How many requests in a row were lost.
    lost: u32,
}

impl Autosave {
    /// Whether the server has the draft as it is here.
    pub const fn phase(self) -> Phase {
        self.phase
    }

    /// Takes an event in, and says what to do.
    pub fn on(&mut self, event: Event) -> Option<Command> {
        let phase = self.phase;
        match event {
            Event::Edited => match phase {
                Phase::Clean | Phase::Waiting | Phase::Refused => self.wait(),
                Phase::Saving => {
                    self.edited_meanwhile = true;
                    None
                }
                Phase::Lost | Phase::Conflict | Phase::SignedOut => None,
            },
            Event::Due => self.send_if(matches!(phase, Phase::Waiting | Phase::Lost)),
            Event::Flush => self.send_if(matches!(phase, Phase::Waiting | Phase::Lost | Phase::Refused)),
            Event::SignedIn => self.send_if(phase == Phase::SignedOut),
            Event::Resolved => self.send_if(phase == Phase::Conflict),
            Event::Saved => {
                self.lost = 0;
                self.settle()
            }
            Event::FileFailed => self.settle(),
            Event::Lost if phase == Phase::Saving => {
                self.phase = Phase::Lost;
                self.lost = self.lost.saturating_add(1);
                Some(Command::Wait(backoff(self.lost)))
            }
            Event::Lost => None,
            // On opening, what this browser kept may clash at once.
            Event::Clashed => self.stop(Phase::Conflict),
            Event::SignedOut => self.stop(Phase::SignedOut),
            Event::Refused => self.stop(Phase::Refused),
            Event::FileStarted => {
                self.edited_meanwhile = phase != Phase::Clean;
                self.phase = Phase::Saving;
                None
            }
        }
    }

    /// Whether a file may be sent now.
    pub const fn can_start_file(self) -> bool {
        matches!(self.phase, Phase::Clean | Phase::Waiting | Phase::Refused | Phase::Lost)
    }

    /// The request has been answered: is there more?
    fn settle(&mut self) -> Option<Command> {
        if self.phase != Phase::Saving {
            return None;
        }
        if self.edited_meanwhile {
            return self.wait();
        }
        self.phase = Phase::Clean;
        None
    }

    fn send_if(&mut self, ready: bool) -> Option<Command> {
        if !ready {
            return None;
        }
        self.phase = Phase::Saving;
        self.edited_meanwhile = false;
        Some(Command::Send)
    }

    fn wait(&mut self) -> Option<Command> {
        self.phase = Phase::Waiting;
        Some(Command::Wait(DEBOUNCE_MS))
    }

    fn stop(&mut self, phase: Phase) -> Option<Command> {
        self.phase = phase;
        None
    }
}

/// The wait after that many lost requests: twice as long each time.
const fn backoff(lost: u32) -> u32 {
    let exponent = if lost > 6 { 6 } else { lost };
    let wait = 1_000 << exponent;
    if wait > MAX_BACKOFF_MS { MAX_BACKOFF_MS } else { wait }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds events in; returns the commands and the last phase.
    fn run(events: &[Event]) -> (Vec<Option<Command>>, Phase) {
        let mut autosave = Autosave::default();
        let commands = events.iter().map(|event| autosave.on(*event)).collect();
        (commands, autosave.phase())
    }

    #[test]
    fn typing_saves_once_after_a_pause() {
        let (commands, phase) = run(&[Event::Edited, Event::Edited, Event::Due, Event::Saved]);
        let wait = Some(Command::Wait(DEBOUNCE_MS));
        assert_eq!(commands, [wait, wait, Some(Command::Send), None]);
        assert_eq!(phase, Phase::Clean);
    }

    #[test]
    fn what_waited_for_a_session_goes_once_there_is_one() {
        let (commands, phase) =
            run(&[Event::Edited, Event::Due, Event::SignedOut, Event::Edited, Event::Flush, Event::SignedIn]);
        assert_eq!(commands.last(), Some(&Some(Command::Send)));
        assert_eq!(phase, Phase::Saving);
        assert_eq!(run(&[Event::SignedIn]), (vec![None], Phase::Clean));
    }

    #[test]
    fn one_request_at_a_time_and_what_is_typed_meanwhile_follows() {
        let (commands, phase) =
            run(&[Event::Edited, Event::Due, Event::Edited, Event::Due, Event::Flush, Event::Saved]);
        assert_eq!(commands.iter().filter(|command| **command == Some(Command::Send)).count(), 1);
        assert_eq!(commands.last(), Some(&Some(Command::Wait(DEBOUNCE_MS))));
        assert_eq!(phase, Phase::Waiting);
    }

    #[test]
    fn a_lost_request_is_tried_again_later_and_later_up_to_a_minute() {
        let mut autosave = Autosave::default();
        autosave.on(Event::Edited);
        autosave.on(Event::Due);
        let waits: Vec<_> = (0..8)
            .map(|_| {
                let command = autosave.on(Event::Lost);
                autosave.on(Event::Due);
                command
            })
            .collect();
        let seconds = [2, 4, 8, 16, 32, 60, 60, 60].map(|seconds| Some(Command::Wait(seconds * 1_000)));
        assert_eq!(waits, seconds);
        autosave.on(Event::Saved);
        autosave.on(Event::Edited);
        autosave.on(Event::Due);
        assert_eq!(autosave.on(Event::Lost), Some(Command::Wait(2_000)), "an answer starts the count again");
    }

    #[test]
    fn typing_while_offline_does_not_hammer_and_the_network_coming_back_sends() {
        let (commands, phase) = run(&[Event::Edited, Event::Due, Event::Lost, Event::Edited, Event::Flush]);
        assert_eq!(commands.get(3), Some(&None));
        assert_eq!(commands.get(4), Some(&Some(Command::Send)));
        assert_eq!(phase, Phase::Saving);
    }

    #[test]
    fn a_clash_waits_for_the_user() {
        let (commands, phase) =
            run(&[Event::Edited, Event::Due, Event::Clashed, Event::Edited, Event::Flush, Event::Resolved]);
        assert_eq!(
            commands,
            [Some(Command::Wait(DEBOUNCE_MS)), Some(Command::Send), None, None, None, Some(Command::Send)]
        );
        assert_eq!(phase, Phase::Saving);
    }

    #[test]
    fn nothing_is_sent_for_a_user_who_is_signed_out() {
        let (commands, phase) = run(&[Event::Edited, Event::Due, Event::SignedOut, Event::Edited, Event::Flush]);
        assert_eq!(commands.get(3..), Some([None, None].as_slice()));
        assert_eq!(phase, Phase::SignedOut);
    }

    #[test]
    fn a_refusal_waits_for_the_next_edit() {
        let (commands, phase) = run(&[Event::Edited, Event::Due, Event::Refused, Event::Due, Event::Edited]);
        assert_eq!(commands.get(3..), Some([None, Some(Command::Wait(DEBOUNCE_MS))].as_slice()));
        assert_eq!(phase, Phase::Waiting);
    }

    #[test]
    fn a_file_holds_the_saves_back_until_it_has_arrived() {
        let (commands, phase) = run(&[Event::Edited, Event::FileStarted, Event::Due, Event::Saved, Event::Due]);
        assert_eq!(
            commands,
            [Some(Command::Wait(DEBOUNCE_MS)), None, None, Some(Command::Wait(DEBOUNCE_MS)), Some(Command::Send)]
        );
        assert_eq!(phase, Phase::Saving);
        let (_, phase) = run(&[Event::FileStarted, Event::FileFailed]);
        assert_eq!(phase, Phase::Clean);
    }
}
