//! The steps of the form: one part each, then the check of all answers. The address says which one is shown, so that a
//! browser goes back and forward and a reload stays. Who prefers all parts on one page has that remembered in this browser.
//!
//! Whatever leads to a field goes through [`Steps::go`], which opens its step first. What is drawn of it is in `step_views`.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use shared::field::Field;
use shared::policy::{Policy, Section};

use crate::browser;
use crate::form::EnrollmentForm;
use crate::form::binding::field_id;
use crate::query::{Query, query_string};
use crate::sections::section_id;
use crate::shell::paged_list::page_query;

/// Id of the title of the present step.
pub const TITLE_ID: &str = "etape";
/// Id of the title of the check, where all parts are on one page.
pub const REVIEW_ID: &str = "verification";
/// What the check is called.
pub const REVIEW_TITLE: &str = "Vérifiez vos réponses";

/// The parameter of the address that names the step.
const PARAMETER: &str = "partie";
/// The name of the check in it.
const REVIEW: &str = "verification";

/// The key in local storage, and its value, of who prefers one page.
const DISPLAY_KEY: &str = "datapass.formulaire";
const ON_ONE_PAGE: &str = "une-page";

/// One step; as the aim of a link, any part of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A part to fill in. The engagements have no step of their own: one takes them after the check.
    Part(Section),
    /// The check of all answers.
    Review,
}

impl Step {
    /// The step with that name in the address; the first, where no step has it.
    fn named(name: Option<&str>, all: &[Self]) -> Self {
        let known = match name {
            Some(REVIEW) => Some(Self::Review),
            Some(name) => name.parse().ok().map(|section| Self::Part(section).own_step()),
            None => None,
        };
        known.filter(|step| all.contains(step)).or_else(|| all.first().copied()).unwrap_or(Self::Review)
    }

    /// The step where it is shown.
    fn own_step(self) -> Self {
        if self == Self::Part(Section::Cgu) { Self::Review } else { self }
    }

    /// What a person reads.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Part(section) => section.label(),
            Self::Review => REVIEW_TITLE,
        }
    }
}

/// The steps of a form. A handle: copies share one state.
#[derive(Clone, Copy)]
pub struct Steps {
    form: EnrollmentForm,
    all: StoredValue<Vec<Step>>,
    present: Memo<Step>,
    /// All parts are shown on one page.
    is_whole: RwSignal<bool>,
    /// The place to go to once it is there.
    awaited: RwSignal<Option<(Step, String)>>,
    /// The part that is changed on the way back to the check.
    checked: RwSignal<Option<Section>>,
    navigate: Callback<(String, NavigateOptions)>,
}

impl Steps {
    /// For everything below, in a page whose rest `is_there` at some time.
    pub fn provide(form: EnrollmentForm, is_there: impl Fn() -> bool + 'static) -> Self {
        let all = steps_of(&form.policy());
        let query = page_query(address(form.id()));
        let present = {
            let all = all.clone();
            Memo::new(move |_| query.with(|query: &Query| Step::named(query.get(PARAMETER), &all)))
        };
        let navigate = use_navigate();
        let steps = Self {
            form,
            all: StoredValue::new(all),
            present,
            is_whole: RwSignal::new(browser::stored(DISPLAY_KEY).as_deref() == Some(ON_ONE_PAGE)),
            awaited: RwSignal::new(None),
            checked: RwSignal::new(None),
            navigate: Callback::new(move |(address, options): (String, NavigateOptions)| navigate(&address, options)),
        };
        steps.follow(is_there);
        provide_context(steps);
        steps
    }

    /// After each move, what was left may be told wrong, and the focus goes where one wanted to, else to the title.
    fn follow(self, is_there: impl Fn() -> bool + 'static) {
        Effect::new(move |before: Option<Step>| {
            let present = self.present.get();
            let awaited = self.awaited.get();
            if !is_there() {
                return before.unwrap_or(present);
            }
            let left = before.filter(|before| *before != present);
            if let Some(Step::Part(section)) = left
                && !self.is_whole.get_untracked()
            {
                self.form.leave(section);
            }
            if left.is_some() && present == Step::Review {
                self.checked.set(None);
            }
            match awaited {
                Some((aim, id)) if self.shows_aim(aim) => {
                    self.awaited.set(None);
                    let title = untrack(|| self.title_id(aim));
                    request_animation_frame(move || {
                        if !browser::focus(&id) {
                            browser::focus(&title);
                        }
                    });
                }
                None if left.is_some() => browser::focus_soon(untrack(|| self.title_id(present))),
                Some(_) | None => {}
            }
            present
        });
    }

    /// Whether that part of the form is shown.
    pub fn shows(self, section: Section) -> bool {
        match self.present.get() {
            Step::Review => section == Section::Cgu,
            Step::Part(present) => self.is_whole.get() || present == section,
        }
    }

    fn shows_aim(self, aim: Step) -> bool {
        match aim {
            Step::Part(section) => self.shows(section),
            Step::Review => self.is_review(),
        }
    }

    /// Whether the parts are shown one by one.
    pub fn is_by_step(self) -> bool {
        !self.is_whole.get()
    }

    /// Whether the answers are being checked.
    pub fn is_review(self) -> bool {
        self.present.get() == Step::Review
    }

    /// Whether the beginning of the form is shown.
    pub fn is_at_start(self) -> bool {
        let present = self.present.get();
        present != Step::Review && (self.is_whole.get() || self.all.with_value(|all| all.first() == Some(&present)))
    }

    /// Whether that is the present step, where parts are shown one by one.
    pub fn is_present(self, step: Step) -> bool {
        self.present.get() == step && (step == Step::Review || self.is_by_step())
    }

    /// The part that is changed on the way back to the check.
    pub fn checked(self) -> Option<Section> {
        self.checked.get()
    }

    /// What the steps are called, in order.
    pub fn labels(self) -> Vec<&'static str> {
        self.all.with_value(|all| all.iter().map(|step| step.label()).collect())
    }

    /// The steps before and after the present one.
    pub fn around(self) -> (Option<Step>, Option<Step>) {
        let present = self.present.get();
        self.all.with_value(|all| {
            let place = all.iter().position(|step| *step == present).unwrap_or_default();
            let before = place.checked_sub(1).and_then(|before| all.get(before));
            (before.copied(), all.get(place + 1).copied())
        })
    }

    /// The address of a step.
    pub fn href(self, step: Step) -> String {
        let name = match step.own_step() {
            Step::Part(section) => section.as_str(),
            Step::Review => REVIEW,
        };
        format!("{}{}", address(self.form.id()), query_string(&[(PARAMETER, name)]))
    }

    /// Goes to the title of a step.
    pub fn open(self, step: Step) {
        self.go(step, untrack(|| self.title_id(step)));
    }

    /// Goes to a place in a step: shows that step first, where it is not.
    pub fn go(self, aim: Step, id: String) {
        self.go_with(aim, id, false);
    }

    /// Goes to the place that an address names by its fragment; the address of the step takes the place of that one.
    pub fn arrive(self, id: &str) {
        if let Some(section) = section_with(&self.form.policy(), id) {
            self.go_with(Step::Part(section), id.to_owned(), true);
        }
    }

    fn go_with(self, aim: Step, id: String, replace: bool) {
        let is_shown = untrack(|| self.shows_aim(aim));
        if is_shown && browser::focus(&id) {
            return;
        }
        if let (Step::Part(section), false) = (aim, is_shown)
            && untrack(|| self.is_review())
        {
            self.checked.set(Some(section));
        }
        self.awaited.set(Some((aim, id)));
        if !is_shown {
            let options = NavigateOptions { replace, scroll: false, ..NavigateOptions::default() };
            self.navigate.run((self.href(aim), options));
        }
    }

    /// Where the focus goes when that is opened.
    fn title_id(self, aim: Step) -> String {
        match aim {
            Step::Part(section) if self.is_whole.get() || section == Section::Cgu => section_id(section),
            Step::Review if self.is_whole.get() => REVIEW_ID.to_owned(),
            Step::Part(_) | Step::Review => TITLE_ID.to_owned(),
        }
    }

    /// The title of the page in the tab.
    pub fn tab(self, title: String) -> Signal<String> {
        Signal::derive(move || {
            let present = self.present.get();
            if self.is_by_step() {
                let (place, count) = self.place();
                format!("{} (étape {} sur {count}) – {title}", present.label(), place + 1)
            } else if present == Step::Review {
                format!("{REVIEW_TITLE} – {title}")
            } else {
                title.clone()
            }
        })
    }

    /// Place of the present step, from 0, and how many there are.
    pub fn place(self) -> (usize, usize) {
        let present = self.present.get();
        self.all.with_value(|all| (all.iter().position(|step| *step == present).unwrap_or_default(), all.len()))
    }

    /// Shows all on one page, or step by step, and keeps to that.
    pub fn change_display(self) {
        let is_whole = !self.is_whole.get_untracked();
        self.is_whole.set(is_whole);
        if is_whole {
            browser::store(DISPLAY_KEY, ON_ONE_PAGE);
        } else {
            browser::forget(DISPLAY_KEY);
        }
    }
}

/// The steps of a form, in order.
fn steps_of(policy: &Policy) -> Vec<Step> {
    let parts = policy.sections.iter().filter(|section| **section != Section::Cgu);
    parts.map(|section| Step::Part(*section)).chain([Step::Review]).collect()
}

/// The address of the form of a request.
fn address(id: i64) -> String {
    format!("/demandes/{id}/modifier")
}

/// The part of the form where the element of that id stands: its title, a field, or something that belongs to a field.
fn section_with(policy: &Policy, id: &str) -> Option<Section> {
    if let Some(section) = policy.sections.iter().find(|section| section_id(**section) == id) {
        return Some(*section);
    }
    let question = id.strip_prefix("champ-additional_content-").map(|own| Field::Additional(own.to_owned()));
    if let Some(section) = question.and_then(|question| policy.section_of(&question)) {
        return Some(section);
    }
    let own = policy
        .sections
        .iter()
        .flat_map(|&section| section.fields().iter().map(move |field| (field_id(field), section)));
    let documents =
        policy.documents.iter().map(|document| (field_id(&Field::Document(document.kind)), document.section));
    let questions =
        policy.extra_fields.iter().map(|field| (field_id(&Field::Additional(field.id.clone())), field.section));
    let people =
        policy.contacts.iter().map(|contact| (format!("champ-team_members-{}", contact.kind), contact.section));
    let holds = |own: &str| id.strip_prefix(own).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
    own.chain(documents)
        .chain(questions)
        .chain(people)
        .filter(|(own, section)| holds(own) && policy.has_section(*section))
        .max_by_key(|(own, _)| own.len())
        .map(|(_, section)| section)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::request::samples;

    #[test]
    fn each_part_is_a_step_and_the_engagements_belong_to_the_check() {
        let all = steps_of(&samples::policy());
        assert_eq!(all.first(), Some(&Step::Part(Section::Organisation)));
        assert_eq!(all.last(), Some(&Step::Review));
        assert_eq!(all.len(), samples::policy().sections.len());
        let named = |name| Step::named(name, &all);
        assert_eq!(named(Some("donnees")), Step::Part(Section::Donnees));
        assert_eq!(named(Some("verification")), Step::Review);
        assert_eq!(named(Some("cgu")), Step::Review);
        for other in [None, Some(""), Some("aidants"), Some("inconnue")] {
            assert_eq!(named(other), Step::Part(Section::Organisation), "{other:?}");
        }
    }

    #[test]
    fn a_place_is_found_in_its_part() {
        let policy = samples::policy();
        for (id, section) in [
            ("partie-donnees", Section::Donnees),
            ("champ-intitule", Section::Description),
            ("champ-scopes-birth", Section::Donnees),
            ("champ-data_retention_period", Section::Donnees),
            ("champ-additional_content-eidas_level", Section::NiveauGarantie),
            ("champ-documents-LegalBasis", Section::CadreJuridique),
            ("champ-team_members-responsable_technique-1-email", Section::Equipe),
            ("champ-cgu_approved", Section::Cgu),
        ] {
            assert_eq!(section_with(&policy, id), Some(section), "{id}");
        }
        for other in ["", "champ-", "champ-scopesx", "partie-aidants", "champ-previous_enrollment_id", "contenu"] {
            assert_eq!(section_with(&policy, other), None, "{other}");
        }
    }
}
