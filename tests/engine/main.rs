//! Tests of the engine as a whole, natively: one program, so that it is linked once.

mod behaviour;
mod calibration;
mod cli;
mod columns;
mod comparison;
mod decoding;
mod docs;
mod findings;
mod forms;
mod golden;
mod known;
mod layouts;
mod merging;
mod nameless;
mod oracle;
mod people;
mod quality;
mod reconcile;
mod report;
mod sample;
mod scale;
mod slices;
mod support;
