//! The content of a request: one block per section of its policy, each question with its answer.

use leptos::prelude::*;
use shared::change_point::Target;
use shared::document::Document;
use shared::field::Field;
use shared::policy::Section;
use shared::team_member::{Attribute, TeamMember};

use super::changes::Difference;
use super::differences::{changed_badge, difference, only_before};
use super::outline::{Entry, Part, Person, ScopeLine, Shown, anchor, notes, section_anchor};
use super::points_box::person_anchor;
use super::review::Review;
use super::wording;
use crate::api::{self, Answer};
use crate::components::alert::{Alert, Tone};
use crate::loader::Loader;

/// The whole request.
#[component]
pub fn Reading(
    /// Number of the request.
    request: i64,
    /// Its parts.
    parts: Vec<Part>,
    /// The points beside the answers, where the request is reviewed.
    #[prop(optional)]
    review: Option<Review>,
    /// The way to change a part, where it is still being written. The form has the ids of its answers.
    #[prop(optional)]
    edit: Option<Callback<Section, AnyView>>,
) -> impl IntoView {
    parts.into_iter().map(|part| section(request, part, Beside { review, edit })).collect_view()
}

/// What stands beside what is read.
#[derive(Clone, Copy)]
struct Beside {
    review: Option<Review>,
    edit: Option<Callback<Section, AnyView>>,
}

impl Beside {
    /// The id of an answer in the page.
    fn id(self, id: String) -> Option<String> {
        self.edit.is_none().then_some(id)
    }

    /// Whether a question without answer is folded away: nobody is to answer it here, and nobody has said anything of it.
    fn folds(self, targets: &[(Target, String)]) -> bool {
        self.edit.is_none() && !self.review.is_some_and(|review| review.has_points(targets))
    }
}

fn section(request: i64, part: Part, beside: Beside) -> AnyView {
    let title_id = section_anchor(part.section);
    let labelled_by = title_id.clone();
    let title = part.section.label();
    let is_empty_entry =
        |entry: &Entry| entry.value == Shown::Missing && entry.difference.is_none() && beside.folds(&targets(entry));
    let is_empty_person =
        |one: &Person| one.member.is_none() && one.differences.is_empty() && beside.folds(&details(one));
    let (empty_entries, entries): (Vec<_>, Vec<_>) = part.entries.into_iter().partition(is_empty_entry);
    let (empty_people, people): (Vec<_>, Vec<_>) = part.people.into_iter().partition(is_empty_person);
    let count = empty_entries.len() + empty_people.len();
    let answers = move |entries: Vec<Entry>, people: Vec<Person>| {
        let entries = entries.into_iter().map(|entry| answer(request, title, entry, beside)).collect_view();
        let people = people.into_iter().map(|one| person(one, beside)).collect_view();
        let has_people = !people.is_empty();
        view! {
            {(!entries.is_empty()).then(|| view! { <dl class="dp-answers">{entries}</dl> })}
            {has_people.then(|| view! { <div class="dp-people">{people}</div> })}
        }
    };
    let empty = (count > 0).then(|| {
        let summary = if count == 1 { "1 réponse vide".to_owned() } else { format!("{count} réponses vides") };
        view! {
            <details class="dp-details dp-unanswered">
                <summary>{summary}</summary>
                {answers(empty_entries, empty_people)}
            </details>
        }
    });
    view! {
        <section class="dp-section" aria-labelledby=labelled_by>
            <h2 class="fr-h4" id=title_id tabindex="-1">
                {title}
            </h2>
            {beside.edit.map(|edit| view! { <p>{edit.run(part.section)}</p> })}
            {answers(entries, people)}
            {empty}
        </section>
    }
    .into_any()
}

/// A question that only repeats the title of its part is not shown twice.
fn answer(request: i64, title: &str, entry: Entry, beside: Beside) -> AnyView {
    let is_changed = entry.difference.is_some();
    let question = if entry.label == title && !is_changed { "fr-sr-only" } else { "" };
    let class = if is_changed { "dp-answer dp-answer--changed" } else { "dp-answer" };
    let is_file = matches!(entry.field, Field::Document(_));
    let id = anchor(&entry.field);
    let points = beside.review.map(|review| review.beside(&id, &entry.label, targets(&entry)));
    let content = match (entry.value, entry.difference) {
        (Shown::Scopes(groups), difference) => scopes(groups, difference),
        (Shown::Text(_) | Shown::Missing, Some(change)) => difference(change),
        (value, Some(change)) => view! {
            {shown(request, value, is_file)}
            {only_before(change)}
        }
        .into_any(),
        (value, None) => shown(request, value, is_file),
    };
    view! {
        <div class=class id=beside.id(id) tabindex="-1">
            <dt class=question>{entry.label} {is_changed.then(|| view! { " " {changed_badge()} })}</dt>
            <dd>{content} {points}</dd>
        </div>
    }
    .into_any()
}

/// What a point beside an answer may be about: the answer, or one piece of the data.
fn targets(entry: &Entry) -> Vec<(Target, String)> {
    let whole = Target::field(entry.field.clone());
    let Shown::Scopes(groups) = &entry.value else { return vec![(whole, entry.label.clone())] };
    let lines = groups.iter().flat_map(|(_, lines)| lines);
    let one =
        |line: &ScopeLine| (Target { field: entry.field.clone(), scope: Some(line.id.clone()) }, line.label.clone());
    std::iter::once((whole, "Toutes les données".to_owned())).chain(lines.map(one)).collect()
}

fn shown(request: i64, value: Shown, is_file: bool) -> AnyView {
    match value {
        Shown::Missing => missing(is_file),
        Shown::Text(text) => view! { <p class="dp-text">{text}</p> }.into_any(),
        Shown::Link(url) => view! {
            <a class="dp-break" href=url.clone() rel="external noopener" target="_blank" title=format!("{url} – nouvelle fenêtre")>
                {url.clone()}
            </a>
        }
        .into_any(),
        Shown::Scopes(groups) => scopes(groups, None),
        Shown::Files(documents) => {
            let one = |document| view! { <div>{file(request, document)}</div> };
            documents.iter().map(one).collect_view().into_any()
        }
        Shown::Previous(previous) => view! { <Previous id=request previous /> }.into_any(),
    }
}

fn missing(is_file: bool) -> AnyView {
    view! { <p class="dp-missing">{if is_file { "Aucun fichier joint" } else { "Non renseigné" }}</p> }.into_any()
}

fn file(request: i64, document: &Document) -> AnyView {
    if let Some(obstacle) = document.obstacle() {
        return view! {
            <p class="fr-mb-0 dp-break">
                {document.filename.clone()} <span class="fr-hint-text">{obstacle}</span>
            </p>
        }
        .into_any();
    }
    view! {
        <a
            class="fr-link fr-link--download dp-break"
            href=api::documents::document_url(request, document)
            download=document.filename.clone()
        >
            {format!("Télécharger {}", document.filename)}
            <span class="fr-link__detail">{wording::file(document)}</span>
        </a>
    }
    .into_any()
}

/// The request that this one follows. Its title comes after; the link works without.
#[component]
fn Previous(
    /// The present request.
    id: i64,
    /// The one it follows.
    previous: i64,
) -> impl IntoView {
    let loader = Loader::new(move || Answer::of(api::previous(id)));
    let title = move || {
        let previous = loader.get().flatten()?;
        Some(format!(" – {} ({})", previous.intitule, previous.status.label()))
    };
    view! {
        <a href=format!("/demandes/{previous}")>{format!("Demande n°\u{a0}{previous}")} {title}</a>
    }
}

/// Data by group; what was added is marked in its place, what was removed comes after.
fn scopes(groups: Vec<(Option<String>, Vec<ScopeLine>)>, change: Option<Difference>) -> AnyView {
    let added = match &change {
        Some(Difference::Scopes { added, .. }) => added.clone(),
        Some(Difference::Inline { .. } | Difference::Stacked { .. }) | None => Vec::new(),
    };
    let notes = notes(&groups)
        .into_iter()
        .map(|(text, labels)| {
            view! {
                <p class="dp-detail">{format!("À vérifier pour «\u{a0}{}\u{a0}»\u{a0}: {text}", labels.join("\u{a0}», «\u{a0}"))}</p>
            }
        })
        .collect_view();
    let groups = groups
        .into_iter()
        .map(|(title, lines)| {
            let lines = lines.into_iter().map(|line| scope(line, &added)).collect_view();
            view! {
                {title.map(|title| view! { <p class="dp-group">{title}</p> })}
                <ul class="dp-scopes">{lines}</ul>
            }
        })
        .collect_view();
    view! {
        {groups}
        {notes}
        {change.map(only_before)}
    }
    .into_any()
}

fn scope(line: ScopeLine, added: &[String]) -> AnyView {
    let label = if added.contains(&line.label) {
        view! {
            <ins>{line.label}</ins>
            " "
            <span class="fr-badge fr-badge--sm fr-badge--new">"Ajoutée"</span>
        }
        .into_any()
    } else {
        view! { <span>{line.label}</span> }.into_any()
    };
    view! {
        <li>
            {label}
            <code class="dp-code">{line.id}</code>
            {line
                .link
                .map(|link| {
                    view! {
                        <a class="fr-link fr-link--sm" href=link rel="external noopener" target="_blank" title="Ce que contient cette donnée – nouvelle fenêtre">
                            "Détail"
                        </a>
                    }
                })}
            {(!line.help.is_empty()).then(|| view! { <span class="dp-detail">{line.help}</span> })}
        </li>
    }
    .into_any()
}

fn person(person: Person, beside: Beside) -> AnyView {
    let id = person_anchor(person.kind, person.place);
    let points = beside.review.map(|review| review.beside(&id, &person.label, details(&person)));
    let is_changed = !person.differences.is_empty();
    let kind = person.kind;
    let was_taken_out = is_changed && person.member.is_none();
    let changes = person
        .differences
        .into_iter()
        .map(|(attribute, change)| {
            view! {
                <div class="dp-answer dp-answer--changed" id=anchor(&Field::TeamMember(kind, person.place, attribute)) tabindex="-1">
                    <dt>{attribute.label()} " " {changed_badge()}</dt>
                    <dd>{difference(change)}</dd>
                </div>
            }
        })
        .collect_view();
    view! {
        <div class="dp-person" id=beside.id(id) tabindex="-1">
            <h3 class="fr-text--sm fr-mb-0">{person.label}</h3>
            {match person.member {
                Some(member) => member_lines(&member),
                None if was_taken_out => view! { <p class="dp-missing">"N’est plus désigné"</p> }.into_any(),
                None => missing(false),
            }}
            {person
                .rejection
                .map(|rejection| {
                    view! {
                        <Alert tone=Tone::Warning>
                            <p>{wording::rejection(rejection)}</p>
                        </Alert>
                    }
                })}
            {is_changed.then(|| view! { <dl class="dp-answers fr-mt-2w">{changes}</dl> })}
            {points}
        </div>
    }
    .into_any()
}

/// What a point beside a person may be about.
fn details(person: &Person) -> Vec<(Target, String)> {
    let detail = |&attribute: &Attribute| {
        let field = Field::TeamMember(person.kind, person.place, attribute);
        (Target::field(field), attribute.label().to_owned())
    };
    person.attributes.iter().map(detail).collect()
}

fn member_lines(member: &TeamMember) -> AnyView {
    let text = |attribute| member.get(attribute).trim().to_owned();
    let name = format!("{} {}", text(Attribute::GivenName), text(Attribute::FamilyName));
    let line = |text: String| (!text.is_empty()).then(|| view! { <p class="dp-break">{text}</p> });
    let link = |scheme: &'static str, address: String| {
        // Spaces and dots in a telephone number are for the eye, and so is a `(0)`.
        let is_for_the_eye = |c: &char| c.is_whitespace() || (scheme == "tel" && *c == '.');
        let target: String = address.replace("(0)", "").chars().filter(|c| !is_for_the_eye(c)).collect();
        (!address.is_empty()).then(|| {
            view! {
                <p class="dp-break">
                    <a class="fr-link" rel="external" href=format!("{scheme}:{target}")>
                        {address}
                    </a>
                </p>
            }
        })
    };
    view! {
        {(!name.trim().is_empty()).then(|| view! { <p class="fr-text--bold">{name.trim().to_owned()}</p> })}
        {line(text(Attribute::Job))}
        {link("mailto", text(Attribute::Email))}
        {link("tel", text(Attribute::PhoneNumber))}
    }
    .into_any()
}
