//! The saved filters of the list.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::queue::{MAX_FILTER_NAME, NewSavedFilter, SavedFilter};

use super::state::{ListState, PATH};
use crate::api;
use crate::components::accordion::Accordion;
use crate::components::dialog::{ConfirmDialog, Dialog};
use crate::components::field::TextInput;
use crate::loader::Loader;
use crate::query::Query;
use crate::shell::submitting::{RefusalAlert, SubmitButton};
use crate::submission::Submission;

/// The address of what a filter shows.
pub fn href(filter: &SavedFilter) -> String {
    format!("{PATH}{}", Query::parse(&filter.query))
}

/// The name of a filter being written, and its saving.
#[derive(Clone, Copy)]
struct Naming {
    filters: Loader<Vec<SavedFilter>>,
    name: RwSignal<String>,
    submission: Submission,
    /// What was just done, for those who do not see the list change.
    done: RwSignal<String>,
}

impl Naming {
    /// In the input of that id.
    fn new(filters: Loader<Vec<SavedFilter>>, done: RwSignal<String>, id: &str) -> Self {
        let name = RwSignal::new(String::new());
        let check = move || {
            let is_missing = name.with(|name| name.trim().is_empty());
            is_missing.then(|| ("/name", "Donnez un nom à ce filtre.".to_owned())).into_iter().collect()
        };
        Self { filters, name, done, submission: Submission::new(id, &[("/name", id)], check) }
    }

    /// Saves a filter under the name that is written, then empties the input.
    fn save(self, number: Option<i64>, query: String, is_default: bool, then: Callback<()>) {
        if !self.submission.is_ready() {
            return;
        }
        let filter = NewSavedFilter { name: self.name.get_untracked(), query, is_default };
        let said = saved(&filter.name);
        self.submission.send(api::queue::save_filter(number, filter), move |all| {
            self.filters.set(all);
            self.done.set(said);
            self.name.set(String::new());
            then.run(());
        });
    }
}

fn saved(name: &str) -> String {
    format!("Le filtre «\u{a0}{}\u{a0}» est enregistré.", name.trim())
}

/// The filters that are kept, and the way to keep the present view.
#[component]
pub fn SavedFilters(
    /// What is shown.
    state: Memo<ListState>,
    /// Those that are kept.
    filters: Loader<Vec<SavedFilter>>,
) -> impl IntoView {
    let done = RwSignal::new(String::new());
    let new = Naming::new(filters, done, NAME_ID);
    let other = Naming::new(filters, done, NEW_NAME_ID);
    let renamed = RwSignal::new(None::<SavedFilter>);
    let forgotten = RwSignal::new(None::<SavedFilter>);
    let last = filters.last_answer();
    let tags = move || match last.get() {
        Some(Ok(filters)) if !filters.is_empty() => Some(tags(state, &filters)),
        _ => None,
    };
    let lines = move || match last.get() {
        None => view! { <p>"Chargement…"</p> }.into_any(),
        Some(Err(error)) => view! { <p>{error.message()}</p> }.into_any(),
        Some(Ok(filters)) if filters.is_empty() => {
            view! { <p>"Vous n’avez encore enregistré aucun filtre."</p> }.into_any()
        }
        Some(Ok(filters)) => {
            let lines = filters.into_iter().map(|filter| line(filter, other, renamed, forgotten)).collect_view();
            view! { <ul class="dp-roles">{lines}</ul> }.into_any()
        }
    };
    let keep = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let query = state.with_untracked(|state| state.filters().to_string());
        new.save(None, query, false, Callback::new(|()| ()));
    };
    view! {
        {tags}
        <div class="fr-accordions-group fr-mb-3w dp-no-print">
            <Accordion id="filtres-enregistres" title="Mes filtres enregistrés" level=2>
                {lines}
                <p role="status" class="fr-text--sm">
                    {move || done.get()}
                </p>
                <form on:submit=keep>
                    <NameInput naming=new id=NAME_ID label="Enregistrer la vue affichée sous le nom" />
                    <SubmitButton
                        submission=new.submission
                        label="Enregistrer ce filtre"
                        class="fr-btn fr-btn--secondary fr-mt-2w"
                    />
                </form>
            </Accordion>
        </div>
        <RenameDialog naming=other renamed />
        <DeleteDialog filters done forgotten />
    }
}

/// Id of the field of the name of a new filter, and of the new name of one.
const NAME_ID: &str = "filtre-nom";
const NEW_NAME_ID: &str = "filtre-nouveau-nom";

#[component]
fn NameInput(
    /// The name.
    naming: Naming,
    /// Id; unique in the page.
    id: &'static str,
    label: &'static str,
) -> impl IntoView {
    view! {
        <RefusalAlert submission=naming.submission title="Le filtre n’est pas enregistré" />
        <TextInput
            id
            label
            hint=format!("{MAX_FILTER_NAME} caractères au plus")
            value=naming.name
            error=naming.submission.error_at("/name")
            on_input=move |name: String| naming.name.set(name)
        />
    }
}

fn tags(state: Memo<ListState>, filters: &[SavedFilter]) -> AnyView {
    let tag = |filter: &SavedFilter| {
        let address = href(filter);
        let shown = address.clone();
        let is_shown = move || state.with(|state| format!("{PATH}{}", state.filters()) == shown).then_some("page");
        view! {
            <li>
                <a class="fr-tag fr-tag--sm" href=address aria-current=is_shown>
                    {filter.name.clone()}
                </a>
            </li>
        }
    };
    view! {
        <nav aria-label="Mes filtres" class="fr-mb-2w dp-no-print">
            <ul class="fr-tags-group">{filters.iter().map(tag).collect_view()}</ul>
        </nav>
    }
    .into_any()
}

fn line(
    filter: SavedFilter,
    naming: Naming,
    renamed: RwSignal<Option<SavedFilter>>,
    forgotten: RwSignal<Option<SavedFilter>>,
) -> AnyView {
    let SavedFilter { id, name, query, is_default } = filter.clone();
    let button = |label: &'static str, act: Callback<()>| {
        view! {
            <button type="button" class="fr-btn fr-btn--tertiary fr-btn--sm" on:click=move |_| act.run(())>
                {label}
                <span class="fr-sr-only">{format!(" {name}")}</span>
            </button>
        }
    };
    let other = NewSavedFilter { name: name.clone(), query, is_default: !is_default };
    let toggle = Callback::new(move |()| {
        let filter = other.clone();
        spawn_local(async move {
            let said = saved(&filter.name);
            let said = match api::queue::save_filter(Some(id), filter).await {
                Ok(all) => {
                    naming.filters.set(all);
                    said
                }
                Err(error) => error.message(),
            };
            naming.done.try_set(said);
        });
    });
    let own = filter.clone();
    let rename = Callback::new(move |()| {
        naming.submission.clear();
        naming.name.set(own.name.clone());
        renamed.set(Some(own.clone()));
    });
    let own = filter.clone();
    let forget = Callback::new(move |()| forgotten.set(Some(own.clone())));
    view! {
        <li class="dp-role">
            <a class="fr-link dp-break" href=href(&filter)>
                {name.clone()}
            </a>
            {is_default.then(|| view! { <span class="fr-badge fr-badge--sm fr-badge--no-icon">"S’affiche d’abord"</span> })}
            {button("Renommer", rename)}
            {button(if is_default { "Ne plus afficher d’abord" } else { "Afficher d’abord" }, toggle)}
            {button("Supprimer", forget)}
        </li>
    }
    .into_any()
}

/// A window's being open, as whether it has a subject; closing takes the subject away.
fn opened<T: Clone + Send + Sync + 'static>(subject: RwSignal<Option<T>>) -> RwSignal<bool> {
    let open = RwSignal::new(false);
    Effect::new(move |_| open.set(subject.with(Option::is_some)));
    Effect::new(move |_| {
        if !open.get() && subject.with_untracked(Option::is_some) {
            subject.set(None);
        }
    });
    open
}

#[component]
fn RenameDialog(
    /// Its new name.
    naming: Naming,
    /// The filter that gets another name.
    renamed: RwSignal<Option<SavedFilter>>,
) -> impl IntoView {
    let open = opened(renamed);
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some(SavedFilter { id, query, is_default, .. }) = renamed.get_untracked() else { return };
        naming.save(Some(id), query, is_default, Callback::new(move |()| open.set(false)));
    };
    view! {
        <Dialog id="renommer" title="Renommer le filtre" open>
            <form on:submit=save>
                <NameInput naming id=NEW_NAME_ID label="Nouveau nom" />
                <SubmitButton submission=naming.submission label="Renommer" class="fr-btn fr-mt-2w" />
            </form>
        </Dialog>
    }
}

#[component]
fn DeleteDialog(
    /// Those that are kept.
    filters: Loader<Vec<SavedFilter>>,
    /// What was just done.
    done: RwSignal<String>,
    /// The filter that is taken away.
    forgotten: RwSignal<Option<SavedFilter>>,
) -> impl IntoView {
    let open = opened(forgotten);
    let name = move || forgotten.with(|filter| filter.as_ref().map(|filter| filter.name.clone())).unwrap_or_default();
    let confirm = Callback::new(move |()| {
        let Some(SavedFilter { id, name, .. }) = forgotten.get_untracked() else { return };
        spawn_local(async move {
            let said = match api::queue::forget_filter(id).await {
                Ok(all) => {
                    filters.set(all);
                    format!("Le filtre «\u{a0}{name}\u{a0}» est supprimé.")
                }
                Err(failure) => failure.message(),
            };
            done.try_set(said);
        });
    });
    view! {
        <ConfirmDialog
            id="supprimer-filtre"
            title=Signal::derive(move || format!("Supprimer le filtre «\u{a0}{}\u{a0}»\u{a0}?", name()))
            open
            confirm="Supprimer"
            on_confirm=confirm
        >
            <p>"Les demandes qu’il montre ne changent pas."</p>
        </ConfirmDialog>
    }
}
