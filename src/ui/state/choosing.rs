//! Which field plays which role, chosen by somebody: before a file is read that is not recognised for certain, or on
//! request.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::files::{Prepared, describe};
use super::{AppState, Stage};
use crate::ingest::form::Recognised;
use crate::ingest::forms::Proposal;
use crate::settings::{Mapping, Role};
use crate::ui::browser;
use crate::web::ask;

impl AppState {
    /// Lets somebody look at a proposal before the files are read, unless such fields were settled before: then the
    /// answer is what was chosen.
    pub(super) async fn choose(self, prepared: &Prepared, proposal: Proposal) -> Option<Mapping> {
        let fields: Vec<&str> = proposal.preview.fields.iter().map(|field| field.name.as_str()).collect();
        // They may hold something else this time.
        if let (Some(mapping), Some(file)) = (browser::remembered_mapping(&fields), prepared.leading()) {
            let preview = ask::preview(&prepared.program, file, mapping.clone()).await;
            if preview.is_ok_and(|preview| preview.events * 2 >= preview.records) {
                return Some(mapping);
            }
        }
        self.files.set_value(prepared.files.clone());
        self.reader.set_value(prepared.leading().map(|file| (prepared.program.clone(), file.clone())));
        self.choosing.set(Some(proposal));
        self.stage.set(Stage::Choosing);
        None
    }

    /// Files are open, or could not be read as they were to be, and their fields can be chosen.
    pub fn can_choose(self) -> bool {
        self.document.with_untracked(Option::is_some) || self.choosable.get_value()
    }

    /// Opens the choice of fields for the file whose results are open.
    pub fn choose_again(self) {
        let (files, turn) = (self.files.get_value(), self.turn.get_value());
        let mapping = self.settings.with_untracked(|settings| settings.mapping.clone());
        spawn_local(async move {
            let prepared = match self.worker_program().await {
                Ok(program) => self.prepare(&program, files, turn).await,
                Err(error) => Err(describe(&error)),
            };
            let proposal = match prepared {
                Ok(prepared) => {
                    let Some(file) = prepared.leading().cloned() else { return };
                    let preview = ask::preview(&prepared.program, &file, mapping.clone()).await;
                    self.reader.set_value(Some((prepared.program, file)));
                    preview.map(|preview| Proposal { mapping, preview }).map_err(|error| describe(&error))
                }
                Err(problem) => Err(problem),
            };
            if self.is_current(turn) {
                match proposal {
                    Ok(proposal) => {
                        self.choosing.set(Some(proposal));
                        self.stage.set(Stage::Choosing);
                        if self.document.with_untracked(Option::is_some) {
                            self.enter_anew();
                        }
                    }
                    Err(problem) => self.notice.set(Some(problem)),
                }
            }
        });
    }

    /// Another field plays the role; what would come of it is looked up.
    pub fn choose_field(self, role: Role, field: &str) {
        let Some(mut mapping) =
            self.choosing.with_untracked(|choosing| choosing.as_ref().map(|all| all.mapping.clone()))
        else {
            return;
        };
        // A field has one role: it is not any more what it was taken for.
        let had = |other: &Role| *other != role && !field.is_empty() && mapping.field(*other) == field;
        let emptied = Role::ALL.into_iter().find(had);
        if let Some(other) = emptied {
            mapping.set(other, "");
        }
        self.emptied.set(emptied);
        mapping.set(role, field);
        self.choosing.update(|choosing| {
            if let Some(choosing) = choosing {
                choosing.mapping = mapping.clone();
            }
        });
        let Some((program, file)) = self.reader.get_value() else { return };
        spawn_local(async move {
            let Ok(preview) = ask::preview(&program, &file, mapping.clone()).await else { return };
            self.choosing.update(|choosing| {
                // Unless still another was chosen meanwhile.
                if let Some(choosing) = choosing.as_mut().filter(|now| now.mapping == mapping) {
                    choosing.preview = preview;
                }
            });
        });
    }

    /// Reads the files by what was chosen.
    pub fn read_as_chosen(self) {
        let Some(Proposal { mapping, preview }) = self.choosing.get_untracked() else { return };
        let fields: Vec<&str> = preview.fields.iter().map(|field| field.name.as_str()).collect();
        browser::remember_mapping(&fields, &mapping);
        self.forget_recognised();
        self.take_over(Recognised { mapping, goal: preview.goal });
        self.read_again(false);
    }

    /// The files are read as they were recognised.
    pub(super) fn take_over(self, recognised: Recognised) {
        let mut settings = self.settings.get_untracked();
        recognised.take_over(&mut settings);
        self.recognised.set(Some(recognised));
        if self.settings.with_untracked(|now| *now != settings) {
            self.settings.set(settings);
            self.write_address();
        }
    }

    /// Leaves the choice: back to the results, to what was open before, or to the opening page.
    pub fn leave_choice(self) {
        match (self.document.with_untracked(Option::is_some), self.last_shown()) {
            (true, _) => self.back_to_results(),
            (false, Some(_)) => self.reopen(),
            (false, None) => self.close(),
        }
    }
}
