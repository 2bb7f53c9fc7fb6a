//! The messages that are offered to who decides: the templates of the API and what earlier decisions said, one key away.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use shared::decision_message::{DECISIONS, OfferedMessages};
use shared::workflow::Action;

use super::decision::{COMMENT_ID, Decision};
use crate::api::{self, Answer, ApiError};
use crate::browser;
use crate::loader::Loader;

/// The key that opens the list: it writes nothing, and browsers leave it alone.
const KEY: &str = "F2";

/// Id of the button that opens the list.
const BUTTON_ID: &str = "messages-proposes";

/// Id of the list.
const LIST_ID: &str = "messages-proposes-liste";

/// How many characters of a message the list shows.
const SHOWN: usize = 140;

/// One message of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    /// Its name; none for what was said before.
    name: Option<String>,
    text: String,
}

/// What opens the list, and the list; under the message, where nothing is offered yet, the way to write a template. The message
/// begins with the one that is marked for it.
#[component]
pub fn DecisionMessages(
    /// What is being decided.
    decision: Decision,
    /// What would be done.
    event: Memo<Action>,
    /// Number of the request.
    id: i64,
    /// Its API.
    target_api: String,
    /// Whether the list is open.
    open: RwSignal<bool>,
    /// The message.
    children: Children,
) -> impl IntoView {
    let offered = Loader::new(move || match event.get() {
        event if DECISIONS.contains(&event) => api::decision_messages::offered(id, event),
        _ => Answer::known(OfferedMessages::default()),
    });
    Effect::new(move |_| {
        let begun = offered.read(|offered| {
            offered.templates.iter().find(|template| template.is_default).map(|template| template.text.clone())
        });
        if let Some(template) = begun {
            decision.begin(event.get_untracked(), template.as_deref());
        }
    });
    let said = RwSignal::new(String::new());
    let href = StoredValue::new(format!("/modeles-de-decision?api={target_api}"));
    let insert = Callback::new(move |line: Line| {
        decision.insert(&line.text);
        said.set(line.name.map_or_else(
            || "Le message est inséré.".to_owned(),
            |name| format!("Le modèle «\u{a0}{name}\u{a0}» est inséré."),
        ));
        open.set(false);
        browser::focus_soon(COMMENT_ID.to_owned());
    });
    let last = offered.last_answer();
    let list = move || match last.get().filter(|_| DECISIONS.contains(&event.get())) {
        None => ().into_any(),
        Some(Err(error)) => unavailable(&error),
        Some(Ok(offered)) => opener(lines(&offered), offered.templates.len(), open, insert, href.get_value()),
    };
    let first_template = move || {
        let has_none = last.get().and_then(Result::ok).is_some_and(|offered| lines(&offered).is_empty());
        (has_none && DECISIONS.contains(&event.get())).then(|| {
            view! { <p class="fr-mb-1w">{templates_link("Écrire un modèle de message", href.get_value())}</p> }
        })
    };
    let take_back = move |_| {
        decision.take_back();
        said.set("L’insertion est annulée.".to_owned());
        browser::focus_soon(COMMENT_ID.to_owned());
    };
    view! {
        <div class="dp-offered">
            {list}
            <p role="status" class="fr-text--sm fr-mb-1v">
                {move || said.get()}
            </p>
            {move || {
                decision
                    .can_take_back()
                    .then(|| {
                        view! {
                            <button type="button" class="fr-btn fr-btn--tertiary fr-btn--sm fr-mb-1w" on:click=take_back>
                                "Annuler l’insertion"
                            </button>
                        }
                    })
            }}
        </div>
        {children()}
        {first_template}
    }
}

fn unavailable(error: &ApiError) -> AnyView {
    view! { <p class="fr-hint-text">{format!("Les modèles ne sont pas disponibles\u{a0}: {}", error.message())}</p> }
        .into_any()
}

/// A link to the page where the templates are written.
fn templates_link(label: &'static str, href: String) -> AnyView {
    view! {
        <a class="fr-link fr-link--sm" href=href>
            {label}
        </a>
    }
    .into_any()
}

/// Templates first.
fn lines(offered: &OfferedMessages) -> Vec<Line> {
    let templates = offered.templates.iter();
    let templates = templates.map(|template| Line { name: Some(template.name.clone()), text: template.text.clone() });
    templates.chain(offered.used.iter().map(|text| Line { name: None, text: text.clone() })).collect()
}

/// The button, and under it the list once it is open; nothing where nothing is offered.
fn opener(lines: Vec<Line>, templates: usize, open: RwSignal<bool>, insert: Callback<Line>, href: String) -> AnyView {
    if lines.is_empty() {
        return ().into_any();
    }
    let manage = if templates == 0 { "Écrire un modèle de message" } else { "Gérer les modèles" };
    let count = lines.len();
    let used = count - templates;
    let lines = StoredValue::new(lines);
    let buttons = move |range: std::ops::Range<usize>| {
        let lines = lines.with_value(|lines| lines.clone().into_iter().enumerate().collect::<Vec<_>>());
        let own = lines.into_iter().filter(|(index, _)| range.contains(index));
        own.map(|(index, line)| button(index, line, insert)).collect_view()
    };
    let group = move |title: &'static str, range: std::ops::Range<usize>| {
        (!range.is_empty()).then(|| {
            view! {
                <p class="fr-text--sm fr-text--bold fr-mb-1v">{title}</p>
                <ul class="dp-offered__list">{buttons(range)}</ul>
            }
        })
    };
    let list = move || {
        open.get().then(|| {
            view! {
                <div id=LIST_ID class="dp-offered__box" on:keydown=move |event| follow(&event, count, open)>
                    <p class="fr-hint-text fr-mb-1w">
                        "Flèches pour choisir, Entrée pour insérer, Échap pour refermer."
                    </p>
                    {group("Modèles", 0..templates)} {group("Messages les plus utilisés", templates..count)}
                    <p class="fr-mb-0">{templates_link(manage, href.clone())}</p>
                </div>
            }
        })
    };
    let label = if used == 0 { "Insérer un modèle" } else { "Insérer un modèle ou un message fréquent" };
    view! {
        <button
            type="button"
            id=BUTTON_ID
            class="fr-btn fr-btn--tertiary fr-btn--sm fr-mb-1w"
            aria-expanded=move || open.get().to_string()
            aria-controls=LIST_ID
            aria-keyshortcuts=KEY
            on:click=move |_| toggle(open)
        >
            {label}
            " "
            <kbd aria-hidden="true">{KEY}</kbd>
        </button>
        {list}
    }
    .into_any()
}

fn button(index: usize, line: Line, insert: Callback<Line>) -> impl IntoView {
    let excerpt = excerpt(&line.text);
    let name = line.name.clone();
    view! {
        <li>
            <button type="button" class="dp-offered__message" id=line_id(index) on:click=move |_| insert.run(line.clone())>
                {name.map(|name| view! { <strong class="dp-break">{name}</strong> })}
                <span class="dp-break">{excerpt}</span>
            </button>
        </li>
    }
}

fn line_id(index: usize) -> String {
    format!("message-propose-{index}")
}

/// The beginning of a message, on one line.
fn excerpt(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= SHOWN {
        return line;
    }
    format!("{}…", line.chars().take(SHOWN).collect::<String>().trim_end())
}

/// Opens the list and goes to its first line, or closes it and goes back to the message.
fn toggle(open: RwSignal<bool>) {
    let is_open = !open.get_untracked();
    open.set(is_open);
    browser::focus_soon(if is_open { line_id(0) } else { COMMENT_ID.to_owned() });
}

/// Whether a key of the panel is the one that opens and closes the list; then it does.
pub fn is_key(event: &KeyboardEvent, open: RwSignal<bool>) -> bool {
    let is_held = event.ctrl_key() || event.meta_key() || event.alt_key() || event.shift_key();
    if event.key() != KEY || is_held || !(open.get_untracked() || browser::is_there(BUTTON_ID)) {
        return false;
    }
    toggle(open);
    true
}

/// What the keys do in the list.
fn follow(event: &KeyboardEvent, count: usize, open: RwSignal<bool>) {
    let present = (0..count).find(|index| browser::has_focus(&line_id(*index))).unwrap_or(0);
    let target = match event.key().as_str() {
        "ArrowDown" => (present + 1) % count,
        "ArrowUp" => (present + count - 1) % count,
        "Home" => 0,
        "End" => count - 1,
        "Escape" => {
            event.prevent_default();
            return toggle(open);
        }
        _ => return,
    };
    event.prevent_default();
    browser::focus(&line_id(target));
}

#[cfg(test)]
mod tests {
    use shared::decision_message::OfferedTemplate;

    use super::*;

    #[test]
    fn templates_come_before_what_was_said_before() {
        let template = OfferedTemplate { name: "Accord".to_owned(), text: "Oui.".to_owned(), is_default: true };
        let offered = OfferedMessages { templates: vec![template], used: vec!["Bien.".to_owned()] };
        let expected = [
            Line { name: Some("Accord".to_owned()), text: "Oui.".to_owned() },
            Line { name: None, text: "Bien.".to_owned() },
        ];
        assert_eq!(lines(&offered), expected);
    }

    #[test]
    fn a_long_message_is_shown_by_its_beginning() {
        assert_eq!(excerpt("Bonjour,\n\nnon."), "Bonjour, non.");
        let long = excerpt(&"mot ".repeat(100));
        assert!(long.ends_with("mot…") && long.chars().count() <= SHOWN + 1, "{long}");
    }
}
