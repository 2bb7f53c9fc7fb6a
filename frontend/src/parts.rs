//! The parts in which the application is loaded, and the pages of each: one file of WASM or several, fetched when a page
//! of theirs is asked for.
//!
//! What is reached from here alone is in no other file than its part's; what is reached from elsewhere too (the shell,
//! `context`, `main`) is in the first file, which everybody loads. `frontend/bundle` splits, and prints what each part
//! weighs.

mod later;

use leptos::prelude::*;
use leptos::wasm_split::{SplitLoaderError, wasm_split};

pub use self::later::Later;
use crate::pages;

/// A page of a part, for a route: `page!(part, name, component)`.
macro_rules! page {
    ($part:ident, $name:ident, $page:path) => {
        pub const fn $name() -> Later {
            #[wasm_split($part, wasm_split_path = ::leptos::wasm_split, fallible)]
            fn $name() -> Result<AnyView, SplitLoaderError> {
                Ok($page().into_any())
            }
            Later::new(stringify!($part), || Box::pin($name()))
        }
    };
}

// Own requests.
page!(own, home, pages::home::Home);
page!(own, my_requests, pages::home::MyRequests);

// The form; `pages::form::rest` has what follows its beginning in a part of its own.
page!(form, edit, pages::form::FormPage);

// What comes before the form, and what corrects it afterwards.
page!(beside, start, pages::start::StartRequest);
page!(beside, correct, pages::correction::CorrectionPage);

// A request's page; `pages::request::rest` has what follows in a part of its own.
page!(request, request, pages::request::RequestPage);

// What else there is of a request.
page!(record, compare, pages::compare::ComparePage);
page!(record, transfer, pages::transfer::TransferPage);
page!(record, colleagues, pages::colleagues::ColleaguesPage);

// The instructor's list.
page!(instruction, instruction, pages::instruction::InstructionList);

// Administration.
page!(administration, awaited, pages::administration::Administration);
page!(administration, people, pages::people::People);
page!(administration, services, pages::services::Services);
page!(administration, journal, pages::journal::Journal);
page!(administration, outbox, pages::outbox::Outbox);
page!(administration, mailbox, pages::mailbox::Mailbox);

// What is set for an API. Of policies the beginning alone; `pages::policies::rest` has what follows in a part of its own.
page!(apis, policies, pages::policies::PoliciesPage);
page!(apis, policy, pages::policies::PolicyPage);
page!(apis, mail_templates, pages::mail_templates::MailTemplates);
page!(apis, decision_templates, pages::decision_templates::DecisionTemplates);

// The account.
page!(account, account, pages::account::AccountPage);

// The developer space.
page!(developers, developers, pages::developers::Developers);
page!(developers, webhook, pages::developers::webhook::WebhookPage);

// What is seldom shown; `shell::seldom` has more of it.
page!(seldom, suspended, pages::suspended::Suspended);
page!(seldom, signed_in, pages::signed_in::SignedIn);
