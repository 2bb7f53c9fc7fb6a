//! The views of the list that the reader keeps under a name.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::queue::{MAX_FILTER_NAME, NewSavedFilter, SavedFilter};

use super::state::{ListState, PATH};
use crate::api;
use crate::browser;
use crate::components::disclosure::Accordion;
use crate::components::field::TextInput;
use crate::components::modal::{Confirm, Modal};
use crate::loader::Loader;
use crate::query::Query;

/// The address of what a filter shows.
pub fn href(filter: &SavedFilter) -> String {
    format!("{PATH}{}", Query::parse(&filter.query))
}

/// What is being written.
#[derive(Clone, Copy)]
struct Writing {
    filters: Loader<Vec<SavedFilter>>,
    name: RwSignal<String>,
    error: RwSignal<Option<String>>,
    /// What was just done, for those who do not see the list change.
    done: RwSignal<String>,
}

impl Writing {
    /// Writes a filter, then says that it is done; what goes wrong is said at the field named `id`.
    fn save(self, number: Option<i64>, filter: NewSavedFilter, id: &'static str, then: Callback<()>) {
        if filter.name.trim().is_empty() {
            self.error.set(Some("Donnez un nom à ce filtre.".to_owned()));
            browser::focus(id);
            return;
        }
        let said = format!("Le filtre «\u{a0}{}\u{a0}» est enregistré.", filter.name.trim());
        spawn_local(async move {
            match api::queue::save_filter(number, filter).await {
                Ok(all) => {
                    if self.error.try_set(None).is_none() {
                        self.filters.set(all);
                        self.done.set(said);
                        then.run(());
                    }
                }
                Err(failure) => {
                    self.error.try_set(Some(failure.message()));
                    browser::focus(id);
                }
            }
        });
    }
}

/// The filters that are kept, and the way to keep the present view.
#[component]
pub fn SavedFilters(
    /// What is shown.
    state: Memo<ListState>,
    /// Those that are kept.
    filters: Loader<Vec<SavedFilter>>,
) -> impl IntoView {
    let writing = Writing {
        filters,
        name: RwSignal::new(String::new()),
        error: RwSignal::new(None),
        done: RwSignal::new(String::new()),
    };
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
            let lines = filters.into_iter().map(|filter| line(filter, writing, renamed, forgotten)).collect_view();
            view! { <ul class="dp-roles">{lines}</ul> }.into_any()
        }
    };
    let keep = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let query = state.with_untracked(|state| state.filters().to_string());
        let filter = NewSavedFilter { name: writing.name.get_untracked(), query, is_default: false };
        writing.save(None, filter, NAME_ID, Callback::new(move |()| writing.name.set(String::new())));
    };
    view! {
        {tags}
        <div class="fr-accordions-group fr-mb-3w dp-no-print">
            <Accordion id="filtres-enregistres" title="Mes filtres enregistrés" level=2>
                {lines}
                <p role="status" class="fr-text--sm">
                    {move || writing.done.get()}
                </p>
                <form on:submit=keep>
                    <Name writing id=NAME_ID label="Enregistrer la vue affichée sous le nom" />
                    <button type="submit" class="fr-btn fr-btn--secondary fr-mt-2w">
                        "Enregistrer ce filtre"
                    </button>
                </form>
            </Accordion>
        </div>
        <Rename writing renamed />
        <Forget writing forgotten />
    }
}

/// Id of the field of the name of a new filter, and of the new name of one.
const NAME_ID: &str = "filtre-nom";
const NEW_NAME_ID: &str = "filtre-nouveau-nom";

#[component]
fn Name(
    /// What is being written.
    writing: Writing,
    /// Id; unique in the page.
    id: &'static str,
    /// Label.
    label: &'static str,
) -> impl IntoView {
    view! {
        <TextInput
            id
            label
            hint=format!("{MAX_FILTER_NAME} caractères au plus")
            value=writing.name
            error=writing.error
            on_input=move |name: String| {
                writing.error.set(None);
                writing.name.set(name);
            }
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
    writing: Writing,
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
    let toggle = Callback::new(move |()| writing.save(Some(id), other.clone(), NAME_ID, Callback::new(|()| {})));
    let own = filter.clone();
    let rename = Callback::new(move |()| {
        writing.error.set(None);
        writing.name.set(own.name.clone());
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
fn Rename(
    /// What is being written.
    writing: Writing,
    /// The filter that gets another name.
    renamed: RwSignal<Option<SavedFilter>>,
) -> impl IntoView {
    let open = opened(renamed);
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some(SavedFilter { id, query, is_default, .. }) = renamed.get_untracked() else { return };
        let filter = NewSavedFilter { name: writing.name.get_untracked(), query, is_default };
        let then = Callback::new(move |()| {
            writing.name.set(String::new());
            open.set(false);
        });
        writing.save(Some(id), filter, NEW_NAME_ID, then);
    };
    view! {
        <Modal id="renommer" title="Renommer le filtre" open>
            <form on:submit=save>
                <Name writing id=NEW_NAME_ID label="Nouveau nom" />
                <button type="submit" class="fr-btn fr-mt-2w">
                    "Renommer"
                </button>
            </form>
        </Modal>
    }
}

#[component]
fn Forget(
    /// What is being written.
    writing: Writing,
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
                    writing.filters.set(all);
                    format!("Le filtre «\u{a0}{name}\u{a0}» est supprimé.")
                }
                Err(failure) => failure.message(),
            };
            writing.done.try_set(said);
        });
    });
    view! {
        <Confirm
            id="supprimer-filtre"
            title=Signal::derive(move || format!("Supprimer le filtre «\u{a0}{}\u{a0}»\u{a0}?", name()))
            open
            confirm="Supprimer"
            on_confirm=confirm
        >
            <p>"Les demandes qu’il montre ne changent pas."</p>
        </Confirm>
    }
}
