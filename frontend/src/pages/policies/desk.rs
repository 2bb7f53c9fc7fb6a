//! The policy of one API on the desk of whoever tries it: its text, what comes of it, its publication, its history.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::policy_file::{MAX_SIZE, PolicyDraft, PolicySource, PolicyText, PolicyTrial};
use shared::user::User;

use super::PATH;
use super::checked::results;
use super::history::history;
use super::publishing::{Publishing, dialogs};
use crate::api::policy_files;
use crate::browser::{self, DRAFT_PREFIX};
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

/// What is tried. A handle: copies share one state.
#[derive(Clone, Copy)]
pub struct Desk {
    /// What the server has.
    pub file: StoredValue<PolicyText>,
    pub loader: Loader<PolicyText>,
    pub user: StoredValue<User>,
    /// What is on the screen.
    pub text: RwSignal<String>,
    /// What was on the screen before something took its place.
    before: RwSignal<Option<String>>,
    /// The text that was checked last, with what came of it.
    pub checked: RwSignal<Option<(String, PolicyTrial)>>,
    pub checking: Submission,
    /// What was just done, for those who do not see the page change.
    pub done: RwSignal<String>,
}

impl Desk {
    fn new(file: PolicyText, loader: Loader<PolicyText>, user: User, done: RwSignal<String>) -> Self {
        let kept = browser::stored(&draft_key(&file.target_api)).filter(|kept| *kept != file.text);
        Self {
            text: RwSignal::new(kept.unwrap_or_else(|| file.text.clone())),
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

    /// What one types is kept in this browser until it is published, or one signs out.
    fn write(self, text: String) {
        let key = draft_key(&self.target_api());
        if self.file.with_value(|file| file.text == text) {
            browser::forget(&key);
        } else {
            browser::store(&key, &text);
        }
        self.text.set(text);
    }

    /// Puts a text in the place of the one on the screen, which can be taken back.
    pub fn replace(self, text: String) {
        let before = self.text.get_untracked();
        if before != text {
            self.before.set(Some(before));
            self.write(text);
        }
    }

    /// Has the text checked; then goes to what comes of it.
    pub fn check(self, then: impl FnOnce() + 'static) {
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
        browser::forget(&draft_key(&file.target_api));
        self.done.set(said);
        self.loader.set(file);
    }
}

fn draft_key(target_api: &str) -> String {
    format!("{DRAFT_PREFIX}policy.{target_api}")
}

/// The page.
pub fn desk(target_api: String, user: User) -> AnyView {
    let asked = target_api.clone();
    let loader = Loader::new(move || policy_files::one(&asked));
    let done = RwSignal::new(String::new());
    let title = format!("Politique de {target_api}");
    view! {
        <Breadcrumb trail=vec![(PATH.to_owned(), "Politiques".to_owned())] current=target_api />
        <PageTitle title />
        <p role="status">{move || done.get()}</p>
        {loader.view(move |file| drawn(Desk::new(file, loader, user.clone(), done)))}
    }
    .into_any()
}

fn drawn(desk: Desk) -> AnyView {
    let publishing = Publishing::new(desk);
    let (source, label) = desk.file.with_value(|file| (file.source, file.source.map(PolicySource::label)));
    let origin = match label {
        Some(label) => format!("En vigueur\u{a0}: {}.", label.to_lowercase()),
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
            <FileInput
                id="politique-fichier"
                label="Prendre un fichier"
                hint="Fichier .toml, 512 ko au plus. Il prend la place du texte ci-dessous."
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
                    on_input=Callback::new(move |text| desk.write(text))
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

/// The buttons that put another text in its place.
fn replacing(desk: Desk) -> AnyView {
    let button = |label: &'static str, on_click: Callback<()>| {
        view! {
            <li>
                <button type="button" class="fr-btn fr-btn--secondary" on:click=move |_| on_click.run(())>
                    {label}
                </button>
            </li>
        }
    };
    let to_the_present = desk.is_changed().then(|| {
        let on_click = move |()| desk.replace(desk.file.with_value(|file| file.text.clone()));
        let has_one = desk.file.with_value(|file| file.source.is_some());
        let label = if has_one { "Reprendre la version en vigueur" } else { "Recommencer du modèle" };
        button(label, Callback::new(on_click))
    });
    let back = desk.before.get().map(|before| {
        let on_click = move |()| {
            desk.before.set(None);
            desk.write(before.clone());
        };
        button("Revenir au texte d’avant", Callback::new(on_click))
    });
    view! {
        {to_the_present}
        {back}
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
