// The offline verifier: a file is chosen, read in this page, and what it proves is printed. Nothing is sent anywhere: the page's
// policy allows no connection at all.
import { newSuite } from '../e2ee/mls/suite.ts';
import { reportText } from './text.ts';
import { NotLogError, verify } from './verify.ts';

const chosen = document.querySelector('input');
const shown = document.querySelector('pre');
const summary = document.querySelector('output');

async function check(file: File): Promise<void> {
  show('reading', `Reading ${file.size} bytes ...`, '');
  try {
    const report = await verify(file.stream(), await newSuite());
    const holds = report.faults.length === 0;
    show(holds ? 'holds' : 'contradicted', holds ? 'Everything holds.' : 'The log contradicts itself.', reportText(report));
  } catch (error) {
    const text = error instanceof NotLogError ? 'This is not the log of a meeting.' : 'The file cannot be read.';
    show('unreadable', text, '');
  }
}

function show(state: string, words: string, report: string): void {
  document.body.dataset['state'] = state;
  if (summary !== null) summary.textContent = words;
  if (shown !== null) shown.textContent = report;
}

chosen?.addEventListener('change', () => {
  const file = chosen.files?.[0];
  if (file !== undefined) void check(file);
});
