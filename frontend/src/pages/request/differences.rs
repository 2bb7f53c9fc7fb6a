//! Draws differences: `<del>` and `<ins>`, with words beside the colours.

use leptos::prelude::*;

use super::changes::Difference;
use super::word_diff::Piece;

/// A change, whole: before and after.
pub fn difference(difference: Difference) -> AnyView {
    match difference {
        Difference::Inline { before, after } => view! {
            <p class="dp-change">
                {removed(before)} <span aria-hidden="true">" → "</span> {added(after)}
            </p>
        }
        .into_any(),
        Difference::Stacked { before, after } => view! {
            <div class="dp-versions">
                {version("Avant", before, false)} {version("Après", after, true)}
            </div>
        }
        .into_any(),
        Difference::Scopes { added, removed } => view! {
            {list("Données ajoutées", added, true)}
            {list("Données retirées", removed, false)}
        }
        .into_any(),
    }
}

/// Only the older value, where the newer one is drawn already.
pub fn only_before(difference: Difference) -> AnyView {
    match difference {
        Difference::Inline { before, .. } => view! { <p class="dp-change">{removed(before)}</p> }.into_any(),
        Difference::Stacked { before, .. } => {
            view! { <div class="dp-versions">{version("Avant", before, false)}</div> }.into_any()
        }
        Difference::Scopes { removed, .. } => list("Données retirées", removed, false),
    }
}

/// « Modifié ».
pub fn changed_badge() -> AnyView {
    view! { <span class="fr-badge fr-badge--sm fr-badge--new dp-changed">"Modifié"</span> }.into_any()
}

fn removed(text: String) -> AnyView {
    if text.is_empty() {
        return view! { <span class="dp-missing">"Non renseigné avant"</span> }.into_any();
    }
    view! {
        <del>
            <span class="fr-sr-only">"Avant\u{a0}: "</span>
            {text}
        </del>
    }
    .into_any()
}

fn added(text: String) -> AnyView {
    if text.is_empty() {
        return view! { <span class="dp-missing">"Non renseigné désormais"</span> }.into_any();
    }
    view! {
        <ins>
            <span class="fr-sr-only">"Après\u{a0}: "</span>
            {text}
        </ins>
    }
    .into_any()
}

/// One version of a long text, under its name.
fn version(name: &'static str, pieces: Vec<Piece>, is_newer: bool) -> AnyView {
    let pieces = if pieces.is_empty() {
        view! { <span class="dp-missing">"Non renseigné"</span> }.into_any()
    } else {
        pieces.into_iter().map(|piece| version_piece(piece, is_newer)).collect_view().into_any()
    };
    view! {
        <div class="dp-version">
            <p class="dp-version__name">{name}</p>
            <p class="dp-text">{pieces}</p>
        </div>
    }
    .into_any()
}

/// The white space behind a word that differs stays out of the mark.
fn version_piece(Piece { text, changed }: Piece, is_newer: bool) -> AnyView {
    if !changed {
        return view! { <span>{text}</span> }.into_any();
    }
    let words = text.trim_end().to_owned();
    let space = text.get(words.len()..).unwrap_or_default().to_owned();
    if is_newer {
        view! {
            <ins>
                <span class="fr-sr-only">"(ajouté) "</span>
                {words}
            </ins>
            {space}
        }
        .into_any()
    } else {
        view! {
            <del>
                <span class="fr-sr-only">"(retiré) "</span>
                {words}
            </del>
            {space}
        }
        .into_any()
    }
}

fn list(title: &'static str, labels: Vec<String>, is_added: bool) -> AnyView {
    if labels.is_empty() {
        return ().into_any();
    }
    let lines = labels
        .into_iter()
        .map(|label| {
            let label = if is_added {
                view! { <ins>{label}</ins> }.into_any()
            } else {
                view! { <del>{label}</del> }.into_any()
            };
            view! { <li>{label}</li> }
        })
        .collect_view();
    view! {
        <p class="dp-version__name">{title}</p>
        <ul>{lines}</ul>
    }
    .into_any()
}
