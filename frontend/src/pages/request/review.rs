//! The points that an instructor collects beside the answers, until a request for changes sends them.

use leptos::prelude::*;
use shared::change_point::{ChangePoint, MAX_POINTS, NewPoint, Target};
use shared::policy::Policy;
use shared::text::{self, Flaw};

use super::points_box::outcome;
use crate::browser;
use crate::browser::DRAFT_PREFIX;
use crate::components::choice::{Choice, Select};
use crate::components::field::TextArea;
use crate::json;

/// What was collected for that request in this browser, and is kept there until it is sent.
pub fn collected(id: i64) -> RwSignal<Vec<NewPoint>> {
    let key = format!("{DRAFT_PREFIX}points.{id}");
    let kept = browser::stored(&key).and_then(|kept| serde_json::from_value(json::parse(&kept)?).ok());
    let points = RwSignal::new(kept.unwrap_or_default());
    Effect::new(move |_| {
        points.with(|points: &Vec<NewPoint>| match serde_json::to_value(points) {
            Ok(value) if !points.is_empty() => {
                browser::store(&key, &json::print(&value));
            }
            Ok(_) | Err(_) => browser::forget(&key),
        });
    });
    points
}

/// What is wrong with the words of a point.
pub fn flaw(comment: &str) -> Option<String> {
    match text::tidied(comment) {
        Ok(text) if text.is_empty() => Some("Dites ce qui est à reprendre.".to_owned()),
        Ok(_) => None,
        Err(Flaw::TooLong(limit)) => Some(format!("Raccourcissez ce texte à {limit} caractères au plus.")),
        Err(Flaw::Unseen) => {
            Some("Ce texte contient des caractères invisibles\u{a0}: saisissez-le de nouveau.".to_owned())
        }
    }
}

/// The review of a request.
#[derive(Clone, Copy)]
pub struct Review {
    collected: RwSignal<Vec<NewPoint>>,
    /// The answer beside which a point is being written.
    open: RwSignal<Option<String>>,
    can_ask: bool,
    policy: StoredValue<Policy>,
    round: StoredValue<Vec<ChangePoint>>,
}

impl Review {
    /// With the points of the last request for changes; `can_ask` where new ones may be made.
    pub fn new(collected: RwSignal<Vec<NewPoint>>, can_ask: bool, policy: Policy, round: Vec<ChangePoint>) -> Self {
        let open = RwSignal::new(None);
        Self { collected, open, can_ask, policy: StoredValue::new(policy), round: StoredValue::new(round) }
    }

    /// Collects a point; else says what is wrong with it.
    fn collect(self, target: &Target, comment: &str) -> Result<(), String> {
        if self.collected.with_untracked(Vec::len) >= MAX_POINTS {
            return Err(format!("Une demande de modifications compte au plus {MAX_POINTS} points."));
        }
        if let Some(flaw) = flaw(comment) {
            return Err(flaw);
        }
        let Target { field, scope } = target.clone();
        let point = NewPoint { field, scope, comment: comment.trim().to_owned() };
        self.collected.update(|collected| collected.push(point));
        Ok(())
    }

    /// What is shown beside an answer: the points made about it, and the way to make one. `targets` are what a point may
    /// be about, with their labels; there is at least one.
    pub fn beside(self, id: &str, label: &str, targets: Vec<(Target, String)>) -> AnyView {
        let about: Vec<Target> = targets.iter().map(|(target, _)| target.clone()).collect();
        let round = self.round.with_value(|round| {
            let own = round.iter().filter(|point| about.contains(&point.target()));
            self.policy.with_value(|policy| own.map(|point| asked(policy, point)).collect_view())
        });
        let ask =
            self.can_ask.then(|| view! { <PointEditor review=self id=id.to_owned() label=label.to_owned() targets /> });
        view! {
            {round}
            {ask}
        }
        .into_any()
    }
}

/// A point that was made, with what became of it.
fn asked(policy: &Policy, point: &ChangePoint) -> AnyView {
    view! {
        <div class="dp-point">
            <p class="dp-version__name">"Point demandé"</p>
            <p class="dp-text">{point.comment.clone()}</p>
            {outcome(policy, point)}
        </div>
    }
    .into_any()
}

/// The points collected here, and the button or the form for one more.
#[component]
fn PointEditor(
    /// The review.
    review: Review,
    /// Id of the answer.
    id: String,
    /// What is asked there.
    label: String,
    /// What a point may be about.
    targets: Vec<(Target, String)>,
) -> impl IntoView {
    let button_id = format!("signaler-{id}");
    let about: Vec<Target> = targets.iter().map(|(target, _)| target.clone()).collect();
    let own = move || {
        let points = review.collected.get();
        let own = points.into_iter().filter(|point| about.contains(&point.target()));
        own.map(|point| view! { <p class="dp-text dp-point dp-point--new">{format!("À signaler\u{a0}: {}", point.comment)}</p> })
            .collect_view()
    };
    let is_open = {
        let id = id.clone();
        Memo::new(move |_| review.open.with(|open| open.as_ref() == Some(&id)))
    };
    let (id, targets) = (StoredValue::new(id), StoredValue::new(targets));
    let content = move || {
        let button_id = button_id.clone();
        if is_open.get() {
            let (id, targets) = (id.get_value(), targets.get_value());
            return view! { <NewPointForm review id button_id targets /> }.into_any();
        }
        let open = move |_| {
            review.open.set(Some(id.get_value()));
            browser::focus_soon(field(&id.get_value()));
        };
        view! {
            <button
                type="button"
                id=button_id
                class="fr-btn fr-btn--tertiary-no-outline fr-btn--sm fr-icon-edit-line fr-btn--icon-left"
                on:click=open
            >
                "Signaler un point"
                <span class="fr-sr-only">{format!("\u{a0}: {label}")}</span>
            </button>
        }
        .into_any()
    };
    view! {
        <div class="dp-review dp-no-print">
            <div role="status">{own}</div>
            {content}
        </div>
    }
}

/// Id of the first field of the form beside an answer.
fn field(id: &str) -> String {
    format!("point-{id}")
}

#[component]
fn NewPointForm(
    /// The review.
    review: Review,
    /// Id of the answer.
    id: String,
    /// Id of the button, where the focus goes back to.
    button_id: String,
    /// What a point may be about.
    targets: Vec<(Target, String)>,
) -> impl IntoView {
    let comment = RwSignal::new(String::new());
    let error = RwSignal::new(None::<String>);
    let chosen = RwSignal::new("0".to_owned());
    let choices: Vec<Choice> =
        targets.iter().enumerate().map(|(index, (_, label))| Choice::new(index.to_string(), label.clone())).collect();
    let has_choice = choices.len() > 1;
    let comment_id = if has_choice { format!("texte-{}", field(&id)) } else { field(&id) };
    let close = {
        let button_id = button_id.clone();
        move || {
            review.open.set(None);
            browser::focus_soon(button_id.clone());
        }
    };
    let add = {
        let (close, comment_id) = (close.clone(), comment_id.clone());
        move |_| {
            let target = chosen.get_untracked().parse::<usize>().ok().and_then(|index| targets.get(index));
            let Some((target, _)) = target else { return };
            match review.collect(target, &comment.read_untracked()) {
                Ok(()) => close(),
                Err(wrong) => {
                    error.set(Some(wrong));
                    browser::focus(&comment_id);
                }
            }
        }
    };
    view! {
        <div class="dp-point">
            {has_choice
                .then(|| {
                    view! {
                        <Select
                            id=field(&id)
                            label="Sur quoi porte le point\u{a0}?"
                            choices=Signal::stored(choices)
                            value=chosen
                            on_change=move |index: String| if !index.is_empty() { chosen.set(index) }
                        />
                    }
                })}
            <TextArea
                id=comment_id
                label="Ce qui est à reprendre"
                hint="Le demandeur le lira à côté de ce champ."
                rows=3
                value=comment
                error=error
                on_input=move |text: String| {
                    comment.set(text);
                    error.set(None);
                }
            />
            <ul class="fr-btns-group fr-btns-group--inline fr-btns-group--sm">
                <li>
                    <button type="button" class="fr-btn" on:click=add>
                        "Ajouter le point"
                    </button>
                </li>
                <li>
                    <button type="button" class="fr-btn fr-btn--secondary" on:click=move |_| close()>
                        "Annuler"
                    </button>
                </li>
            </ul>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_has_words_that_everybody_can_read() {
        assert_eq!(flaw("Précisez."), None);
        assert!(flaw(" \n").unwrap().contains("à reprendre"));
        assert!(flaw(&"é".repeat(10_001)).unwrap().contains("10000"));
        assert!(flaw("a\u{202e}b").is_some());
    }
}
