/** What the server does now, and did in the last ten minutes. It is asked again every few seconds while the page is seen. */
import type { Output } from '../api/call.ts';
import { useAnswer } from '../api/hooks.ts';
import { Code } from '../parts/code.tsx';
import { LinesChart } from '../parts/lines-chart.tsx';
import { Answer, Fact, Facts, Table, Title } from '../parts/notes.tsx';
import { useWords } from '../text/language.tsx';

type Live = Output<'server.live'>;

/** How often it is asked again, in milliseconds; a page that is not seen does not ask. */
const askedAgainMs = 5_000;

/** The page. */
export function LivePage() {
  const { t } = useWords();
  return (
    <>
      <Title>{t('nav.live')}</Title>
      <Answer of={useAnswer('server.live', {}, { refetchInterval: askedAgainMs })}>
        {(live) => (
          <>
            <article>
              <h2>{t('live.now')}</h2>
              <Now of={live} />
            </article>
            <article>
              <h2>{t('live.lately')}</h2>
              <Lately of={live} />
              <Refusals of={live} />
            </article>
            {live.servers.length > 0 && (
              <article>
                <h2>{t('live.servers')}</h2>
                <Servers of={live} />
              </article>
            )}
          </>
        )}
      </Answer>
    </>
  );
}

function Now({ of }: { readonly of: Live }) {
  const { t, number, bytes } = useWords();
  const { memory, analysis } = of;
  return (
    <Facts>
      <Fact name="overview.state">{t(of.isReady ? 'overview.ready' : 'overview.starting')}</Fact>
      <Fact name="overview.inFlight">{number(of.inFlight)}</Fact>
      <Fact name="overview.waiting">{number(of.picturesWaiting)}</Fact>
      <Fact name="overview.expectedWait">{number(Math.round(of.expectedWaitMs))} ms</Fact>
      <Fact name="live.searchesWaiting">{number(of.searchesWaiting)}</Fact>
      <Fact name="live.writesWaiting">{number(of.writesWaiting)}</Fact>
      <Fact name="live.feedLag">{number(of.feedLag)}</Fact>
      <Fact name="live.memory">{bytes(memory.processBytes)}</Fact>
      <Fact name="live.index">
        {t('tenant.of', { used: bytes(memory.indexBytes), most: bytes(memory.indexBytesMax) })}
        <meter aria-label={t('live.index')} max={memory.indexBytesMax} value={memory.indexBytes} />
      </Fact>
      <Fact name="live.disk">{bytes(of.diskFreeBytes)}</Fact>
      <Fact name="live.analysis">{number(analysis.present)}</Fact>
      <Fact name="live.lost">{number(analysis.lost)}</Fact>
    </Facts>
  );
}

function Lately({ of: { slots, slotMs } }: { readonly of: Live }) {
  const at = slots.map((slot) => slot.at);
  const rate = (count: number) => (1_000 * count) / slotMs;
  return (
    <div class="charts">
      <LinesChart
        title="live.calls"
        at={at}
        unit=""
        lines={[
          { name: 'chart.ok', look: 'ok', values: slots.map(({ calls, refused }) => rate(calls - refused)) },
          { name: 'chart.failed', look: 'failed', values: slots.map(({ refused }) => rate(refused)) },
        ]}
      />
      <LinesChart
        title="live.latency"
        at={at}
        unit=" ms"
        lines={[
          { name: 'live.p50', look: 'ok', values: slots.map(({ p50Ms }) => p50Ms) },
          { name: 'live.p95', look: 'failed', values: slots.map(({ p95Ms }) => p95Ms) },
        ]}
      />
      <LinesChart
        title="live.pictures"
        at={at}
        unit=""
        lines={[{ name: 'usage.pictures', look: 'ok', values: slots.map(({ pictures }) => rate(pictures)) }]}
      />
    </div>
  );
}

function Refusals({ of: { refusals } }: { readonly of: Live }) {
  const { t, number } = useWords();
  if (refusals.length === 0) return <p>{t('live.noRefusals')}</p>;
  return (
    <Table label={t('live.refusals')} heads={[t('live.refusals'), t('usage.code'), t('live.count')]}>
      {refusals.map(({ reason, code, count }) => (
        <tr key={reason}>
          <th scope="row" lang="en">
            {reason}
          </th>
          <td>
            <Code of={code} />
          </td>
          <td>{number(count)}</td>
        </tr>
      ))}
    </Table>
  );
}

function Servers({ of: { servers } }: { readonly of: Live }) {
  const { t, number, bytes, clock } = useWords();
  const heads = [
    ...[t('live.server'), t('overview.version'), t('live.seen'), t('live.galleries'), t('overview.faces')],
    ...[t('live.index'), t('live.memory'), t('live.changesSeen'), t('live.changesBehind')],
  ];
  return (
    <>
      <Table label={t('live.servers')} heads={heads}>
        {servers.map(({ id, seenAt, isThis, self, galleries, changesSeen, changesBehind }) => (
          <tr key={id}>
            <th scope="row">
              <code title={id}>{id.slice(0, 8)}</code> {isThis && t('live.this')}
            </th>
            <td>{self?.version ?? '–'}</td>
            <td>
              <time dateTime={new Date(seenAt).toISOString()}>{clock(seenAt)}</time>
            </td>
            <td>{number(galleries)}</td>
            <td>{self === undefined ? '–' : number(self.indexFaces)}</td>
            <td>{self === undefined ? '–' : <span class="amount">{bytes(self.indexBytes)}</span>}</td>
            <td>{self === undefined ? '–' : <span class="amount">{bytes(self.processBytes)}</span>}</td>
            <td>{number(changesSeen)}</td>
            <td>{number(changesBehind)}</td>
          </tr>
        ))}
      </Table>
      <small>{t('live.serversSay')}</small>
    </>
  );
}
