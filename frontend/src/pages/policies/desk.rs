//! The policy of one API on the desk of whoever tries it: its text, what comes of it, its publication, its history.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::french::de;
use shared::policy_file::{MAX_SIZE, PolicyDraft, PolicySource, PolicyText, PolicyTrial};
use shared::user::User;

use super::PATH;
use super::checked::results;
use super::history::history;
use super::kept::{self, Written};
use super::publishing::{Publishing, dialogs};
use crate::api::policy_files;
use crate::browser;
use crate::components::alert::{Alert, Tone};
use crate::components::breadcrumb::Breadcrumb;
use crate::components::field::TextArea;
use crate::components::upload::{ChosenFiles, FileInput};
use crate::loader::Loader;
use crate::shell::submitting::{RefusalAlert, SubmitButton};
use crate::shell::title::PageTitle;
use crate::submission::Submission;

/// Id of the text.
pub const TEXT: &str = "politique-texte";

/// Id of the title of what comes of it.
pub const RESULTS: &str = "politique-resultat";

/// Id of what says what was just done.
const DONE: &str = "politique-fait";

/// What is tried. A handle: copies share one state.
#[derive(Clone, Copy)]
pub struct Desk {
    /// What the server has.
    pub file: StoredValue<PolicyText>,
    pub loader: Loader<PolicyText>,
    pub user: StoredValue<User>,
    /// What is on the screen.
    pub text: RwSignal<String>,
    /// The number of the last change that was known when it was begun.
    pub latest: RwSignal<Option<i64>>,
    /// Whether this browser had kept it.
    was_kept: bool,
    /// What was on the screen before something took its place.
    before: RwSignal<Option<Written>>,
    /// The text that was checked last, with what came of it.
    pub checked: RwSignal<Option<(String, PolicyTrial)>>,
    pub checking: Submission,
    /// What was just done, for those who do not see the page change.
    pub done: RwSignal<String>,
}

impl Desk {
    fn new(file: PolicyText, loader: Loader<PolicyText>, user: User, done: RwSignal<String>) -> Self {
        let kept = kept::stored_draft(&file.target_api).filter(|kept| kept.text != file.text);
        let was_kept = kept.is_some();
        let Written { latest, text } = kept.unwrap_or_else(|| Written { latest: file.latest, text: file.text.clone() });
        Self {
            text: RwSignal::new(text),
            latest: RwSignal::new(latest),
            was_kept,
            before: RwSignal::new(None),
            file: StoredValue::new(file),
            loader,
            user: StoredValue::new(user),
            checked: RwSignal::new(None),
            checking: Submission::new("verifier-une-politique", &[("/text", TEXT)], Vec::new),
            done,
        }
    }

    /// The API.
    pub fn target_api(self) -> String {
        self.file.with_value(|file| file.target_api.clone())
    }

    /// Whether the text is another than the one in force.
    pub fn is_changed(self) -> bool {
        self.file.with_value(|file| self.text.with(|text| *text != file.text))
    }

    /// Whether somebody has published or withdrawn since the text was begun: it would undo that.
    fn is_overtaken(self) -> bool {
        self.file.with_value(|file| self.latest.get() != file.latest)
    }

    /// What one types is kept in this browser until it is published, or one signs out.
    fn write(self, Written { latest, text }: Written) {
        let (target_api, latest_now, is_in_force) =
            self.file.with_value(|file| (file.target_api.clone(), file.latest, file.text == text));
        if is_in_force {
            kept::forget(&target_api);
            self.latest.set(latest_now);
        } else {
            kept::keep(&target_api, latest, &text);
            self.latest.set(latest);
        }
        self.text.set(text);
    }

    /// Puts a text that is begun now in the place of the one on the screen, which can be taken back. Nothing where one has left
    /// the page.
    pub fn replace(self, text: String) {
        let Some(before) = self.text.try_get_untracked() else { return };
        if before != text {
            self.before.set(Some(Written { latest: self.latest.get_untracked(), text: before }));
            self.write(Written { latest: self.file.with_value(|file| file.latest), text });
        }
    }

    /// Has the text checked; then goes to what comes of it.
    pub fn check(self, then: impl FnOnce() + 'static) {
        self.done.set(String::new());
        let text = self.text.get_untracked();
        let call = policy_files::check(&self.target_api(), &PolicyDraft { text: text.clone() });
        self.checking.send(call, move |trial| {
            self.checked.set(Some((text, trial)));
            browser::focus_soon(RESULTS.to_owned());
            then();
        });
    }

    /// Takes in what the server has now: what was written is in force.
    pub fn accept(self, file: PolicyText, said: String) {
        kept::forget(&file.target_api);
        self.done.set(said);
        self.loader.set(file);
        browser::focus_soon(DONE.to_owned());
    }
}

/// The page.
pub fn desk(target_api: String, user: User) -> AnyView {
    let asked = target_api.clone();
    let loader = Loader::new(move || policy_files::one(&asked));
    let done = RwSignal::new(String::new());
    let title = format!("Politique {}", de(&target_api));
    view! {
        <Breadcrumb trail=vec![(PATH.to_owned(), "Politiques".to_owned())] current=target_api />
        <PageTitle title />
        <p id=DONE role="status" tabindex="-1">
            {move || done.get()}
        </p>
        {loader.view(move |file| drawn(Desk::new(file, loader, user.clone(), done)))}
    }
    .into_any()
}

fn drawn(desk: Desk) -> AnyView {
    let publishing = Publishing::new(desk);
    let (source, label) = desk.file.with_value(|file| (file.source, file.source.map(PolicySource::label)));
    let origin = match label {
        Some(label) => format!("En vigueur\u{a0}: {}.", lowered(label)),
        None => "Aucune politique n’est en vigueur pour cette API. Voici un fichier à compléter.".to_owned(),
    };
    view! {
        <p class="fr-text--lead">{origin}</p>
        {(source == Some(PolicySource::Published)).then(|| publishing.withdraw_button())}
        <Editor desk />
        {move || desk.checked.get().map(|(text, trial)| results(desk, publishing, text, trial))}
        {history(desk)}
        {dialogs(publishing)}
    }
    .into_any()
}

/// With a small first letter, within a sentence.
fn lowered(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_lowercase().chain(characters).collect()).unwrap_or_default()
}

#[component]
fn Editor(desk: Desk) -> impl IntoView {
    let refused = RwSignal::new(None::<String>);
    let on_files = Callback::new(move |ChosenFiles(files): ChosenFiles| {
        let Some(file) = files.into_iter().next() else { return };
        refused.set(None);
        if file.size() > u32::try_from(MAX_SIZE).map_or(f64::MAX, f64::from) {
            refused.set(Some("Un fichier de politique a au plus 512\u{a0}ko.".to_owned()));
            return;
        }
        spawn_local(async move {
            match browser::text_of(&file).await {
                Some(text) => desk.replace(text),
                None => {
                    refused.try_set(Some("Ce fichier ne peut pas être lu\u{a0}: choisissez-en un autre.".to_owned()));
                }
            }
        });
    });
    let submission = desk.checking;
    view! {
        <form
            class="fr-mt-3w"
            novalidate=true
            aria-labelledby="politique-fichier-titre"
            on:submit=move |event| {
                event.prevent_default();
                if submission.is_ready() {
                    desk.check(|| {});
                }
            }
        >
            <h2 class="fr-h4" id="politique-fichier-titre">
                "Fichier"
            </h2>
            <p>"Rien n’est en vigueur avant la publication. Ce que vous écrivez est gardé dans ce navigateur."</p>
            {unpublished(desk)}
            <FileInput
                id="politique-fichier"
                label="Prendre un fichier"
                hint="Fichier .toml, 512\u{a0}ko au plus. Il prend la place du texte ci-dessous."
                accept=".toml"
                error=refused
                on_files
            />
            <div class="dp-editor fr-mt-3w" spellcheck="false">
                <TextArea
                    id=TEXT
                    label="Texte de la politique"
                    rows=24
                    value=desk.text
                    error=submission.error_at("/text")
                    on_input=Callback::new(move |text| desk.write(Written { latest: desk.latest.get_untracked(), text }))
                />
            </div>
            <RefusalAlert submission title="Le texte n’a pas été vérifié" />
            <ul class="fr-btns-group fr-btns-group--inline-md">
                <li>
                    <SubmitButton submission label="Vérifier" />
                </li>
                {move || replacing(desk)}
            </ul>
        </form>
    }
}

/// Says of a text that this browser had kept that it is not in force, and whether another was published since.
fn unpublished(desk: Desk) -> AnyView {
    let overtaken = Memo::new(move |_| (desk.was_kept && desk.is_changed()).then(|| desk.is_overtaken()));
    let notice = move || match overtaken.get() {
        None => ().into_any(),
        Some(false) => view! { <p>"Texte non publié, gardé dans ce navigateur."</p> }.into_any(),
        Some(true) => overtaken_alert(desk),
    };
    notice.into_any()
}

fn overtaken_alert(desk: Desk) -> AnyView {
    view! {
        <Alert tone=Tone::Warning title="Une autre version a été publiée depuis">
            <p>
                "Le texte ci-dessous, non publié et gardé dans ce navigateur, part d’une version plus ancienne\u{a0}: il ne peut pas être publié tel quel. Reprenez la version en vigueur, puis refaites-y vos changements."
            </p>
            {to_the_present(desk)}
        </Alert>
    }
    .into_any()
}

/// The buttons that put another text in its place.
fn replacing(desk: Desk) -> AnyView {
    let present = desk.is_changed().then(|| view! { <li>{to_the_present(desk)}</li> });
    let back = desk.before.get().map(|before| {
        let on_click = move |()| {
            desk.before.set(None);
            desk.write(before.clone());
        };
        view! { <li>{button("Revenir au texte d’avant", Callback::new(on_click))}</li> }
    });
    view! {
        {present}
        {back}
    }
    .into_any()
}

fn to_the_present(desk: Desk) -> AnyView {
    let on_click = move |()| desk.replace(desk.file.with_value(|file| file.text.clone()));
    let has_one = desk.file.with_value(|file| file.source.is_some());
    let label = if has_one { "Reprendre la version en vigueur" } else { "Recommencer du modèle" };
    button(label, Callback::new(on_click))
}

/// A button that is gone once another text is there: the focus goes to that.
fn button(label: &'static str, on_click: Callback<()>) -> AnyView {
    let on_click = move |_| {
        on_click.run(());
        browser::focus_soon(TEXT.to_owned());
    };
    view! {
        <button type="button" class="fr-btn fr-btn--secondary" on:click=on_click>
            {label}
        </button>
    }
    .into_any()
}

/// Says that what was checked is not what is on the screen any more.
pub fn outdated(desk: Desk, text: String) -> AnyView {
    let text = StoredValue::new(text);
    let is_outdated = Memo::new(move |_| text.with_value(|text| desk.text.with(|present| present != text)));
    let notice = move || {
        is_outdated.get().then(|| {
            view! {
                <Alert tone=Tone::Warning title="Le texte a changé depuis cette vérification">
                    <p>"Ce qui suit parle du texte d’avant. Vérifiez de nouveau pour le mettre à jour et pouvoir publier."</p>
                </Alert>
            }
        })
    };
    notice.into_any()
}
