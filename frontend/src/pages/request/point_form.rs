//! The form of a point that an instructor makes beside an answer.

use leptos::prelude::*;
use shared::change_point::{MAX_POINTS, NewPoint, Target};
use shared::text::{self, Flaw};

use super::review::{Review, Subject};
use crate::browser;
use crate::components::choice::{Choice, Select};
use crate::components::field::TextArea;

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

/// Collects a point; else says what is wrong with it.
fn collect(review: Review, target: &Target, comment: &str) -> Result<(), String> {
    if review.collected.with_untracked(Vec::len) >= MAX_POINTS {
        return Err(format!("Une demande de modifications compte au plus {MAX_POINTS} points."));
    }
    if let Some(flaw) = flaw(comment) {
        return Err(flaw);
    }
    let Target { field, scope } = target.clone();
    let point = NewPoint { field, scope, comment: comment.trim().to_owned() };
    review.collected.update(|collected| collected.push(point));
    Ok(())
}

/// Id of the first field of the form beside an answer.
fn field(id: &str) -> String {
    format!("point-{id}")
}

/// The form, which takes the focus.
pub fn point_form(review: Review, subject: Subject) -> AnyView {
    let Subject { id, button_id, targets } = subject;
    browser::focus_soon(field(&id));
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
            match collect(review, target, &comment.read_untracked()) {
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
    .into_any()
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
