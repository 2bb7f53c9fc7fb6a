//! Shortens a history: consecutive saves of one author make one line. No view here.

use shared::diff::Change;
use shared::event::Event;
use shared::workflow::EventName;

/// One line of the history.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The event; for several saves, the last.
    pub event: Event,
    /// How many events it stands for.
    pub count: usize,
}

impl Line {
    /// Whether the content may be another one afterwards.
    pub fn makes_version(&self) -> bool {
        matches!(self.event.name, EventName::Update | EventName::Submit | EventName::CancelReopening)
    }
}

/// The history, oldest first, with the saves of one author that follow each other made one: from the first value to
/// the last, without what came back to where it was.
pub fn shortened(events: Vec<Event>) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for event in events {
        match lines.last_mut() {
            Some(last) if is_same_save(&last.event, &event) => {
                let before = std::mem::take(&mut last.event.changes);
                last.event = Event { changes: folded(before, event.changes.clone()), ..event };
                last.count += 1;
            }
            _ => lines.push(Line { event, count: 1 }),
        }
    }
    lines
}

fn is_same_save(last: &Event, next: &Event) -> bool {
    let are_saves = last.name == EventName::Update && next.name == EventName::Update;
    are_saves && last.author == next.author && last.comment.is_empty() && next.comment.is_empty()
}

fn folded(earlier: Vec<Change>, later: Vec<Change>) -> Vec<Change> {
    let mut changes = earlier;
    for change in later {
        match changes.iter_mut().find(|earlier| earlier.field == change.field) {
            Some(earlier) => earlier.after = change.after,
            None => changes.push(change),
        }
    }
    changes.retain(|change| change.before != change.after);
    changes.sort_by(|a, b| a.field.cmp(&b.field));
    changes
}

/// The title of what unfolds the changes of a line.
pub fn changes_title(count: usize) -> String {
    match count {
        1 => "Voir le champ modifié".to_owned(),
        count => format!("Voir les {count} champs modifiés"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(id: i64, name: &str, author: &str, changes: &serde_json::Value) -> Event {
        serde_json::from_value(json!({
            "id": id, "name": name, "comment": "", "changes": changes, "author": author,
            "created_at": "2026-01-02T03:04:05Z",
        }))
        .unwrap()
    }

    #[test]
    fn saves_in_a_row_make_one_line() {
        let lines = shortened(vec![
            event(1, "create", "A", &json!([])),
            event(2, "update", "A", &json!([{"field": "intitule", "before": null, "after": "a"}])),
            event(
                3,
                "update",
                "A",
                &json!([
                    {"field": "intitule", "before": "a", "after": "b"},
                    {"field": "siret", "before": null, "after": "1"},
                ]),
            ),
            event(4, "update", "A", &json!([{"field": "siret", "before": "1", "after": null}])),
            event(5, "submit", "A", &json!([])),
            event(6, "update", "A", &json!([{"field": "intitule", "before": "b", "after": "c"}])),
            event(7, "update", "B", &json!([{"field": "intitule", "before": "c", "after": "d"}])),
        ]);
        let summary: Vec<(i64, usize)> = lines.iter().map(|line| (line.event.id, line.count)).collect();
        assert_eq!(summary, [(1, 1), (4, 3), (5, 1), (6, 1), (7, 1)]);
        assert_eq!(
            serde_json::to_value(&lines[1].event.changes).unwrap(),
            json!([{"field": "intitule", "before": null, "after": "b"}])
        );
    }
}
