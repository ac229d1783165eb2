import { expect, test } from 'vitest';
import { z } from 'zod';
import { catalogueOf, checkWork, unknownKind } from '../../src/kinds/catalogue.ts';
import { defineJob, JobDefinitionError } from '../../src/kinds/define-job.ts';

const args = z.object({});
const kinds = (...names: string[]): ReturnType<typeof catalogueOf> =>
  catalogueOf(names.map((name) => defineJob(name, { args, run: () => name })));

test('finds a kind by its very name', () => {
  const catalogue = kinds('SendInvoice', 'SendReminder');
  expect(catalogue.find('SendReminder')?.kind).toBe('SendReminder');
  expect(catalogue.find('sendreminder')).toBeUndefined();
  expect(catalogue.find('toString')).toBeUndefined();
});

test('refuses a kind that is listed twice, by its name', () => {
  expect(() => kinds('SendInvoice', 'SendReminder', 'SendInvoice')).toThrow(JobDefinitionError);
  expect(() => kinds('SendInvoice', 'SendInvoice')).toThrow('the kind SendInvoice is listed twice');
});

test('names every kind without work', () => {
  const jobs = [defineJob('A', { args }), defineJob('B', { args, run: () => 5 }), defineJob('C', { args })];
  expect(() => checkWork(catalogueOf(jobs))).toThrow(JobDefinitionError);
  expect(() => checkWork(catalogueOf(jobs))).toThrow(/^without work: A, C\. List what implement\(\) makes/);
  expect(() => checkWork(kinds('A'))).not.toThrow();
});

const OF_INVOICES = kinds('SendInvoice', 'SendReminder', 'CancelInvoice');

test.each([
  ['SendInvoce', 'SendInvoice'],
  ['sendInvoice', 'SendInvoice'],
  ['Invoice', 'SendInvoice'],
  ['SendInvoiceJob', 'SendInvoice'],
  ['SendReminders', 'SendReminder'],
])('asks whoever says %s whether they mean %s', (tried, meant) => {
  expect(unknownKind(OF_INVOICES, tried)).toBe(`"${tried}" is no kind of job here; did you mean ${meant}?`);
});

test('lists the kinds where none is alike', () => {
  expect(unknownKind(OF_INVOICES, 'Greet')).toBe(
    '"Greet" is no kind of job here; these are: SendInvoice, SendReminder, CancelInvoice',
  );
  expect(unknownKind(OF_INVOICES, '')).toContain('; these are: SendInvoice');
});

test('lists twenty of many', () => {
  const many = kinds(...Array.from({ length: 50 }, (_, n) => `Kind${n}OfAService`));
  const said = unknownKind(many, 'Greet');
  expect(said).toContain('Kind19OfAService');
  expect(said).not.toContain('Kind20OfAService');
});

test('says so where there is none at all', () => {
  expect(unknownKind(kinds(), 'Greet')).toBe('"Greet" is no kind of job here: holdfast.config lists none');
});

test('repeats little of a name that goes on for ever', () => {
  expect(unknownKind(OF_INVOICES, 'x'.repeat(100_000)).length).toBeLessThan(300);
});
