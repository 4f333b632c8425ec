/** axe-core in the page. The page's policy forbids strangers' scripts, so it is evaluated by the test driver. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from '@playwright/test';
import type { AxeResults } from 'axe-core';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** One line a serious or critical finding: rule, why, and where. */
export async function seriousFindings(page: Page): Promise<readonly string[]> {
	await page.evaluate(source);
	const results = (await page.evaluate('axe.run(document, { resultTypes: ["violations"] })')) as AxeResults;
	return results.violations
		.filter(({ impact }) => impact === 'serious' || impact === 'critical')
		.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${failureSummary} ${html}`));
}
