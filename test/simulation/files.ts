/** A Threat Dragon file with so many threats, without the first ones. */
export function dragonFile(title: string, count: number, dropped = 0): Uint8Array {
  const threats = Array.from({ length: count }, (_, index) => index + 1).slice(dropped);
  const model = {
    version: '2.3.0',
    summary: { title },
    detail: {
      diagrams: [
        {
          title: 'Main',
          cells: [
            {
              id: 'cell-1',
              data: {
                type: 'tm.Process',
                name: 'API',
                hasOpenThreats: true,
                threats: threats.map((number) => ({
                  id: `t${number}`,
                  title: `Threat ${number}`,
                  status: 'Open',
                  severity: 'High',
                  type: 'Tampering',
                  description: `What happens in ${number}.`,
                })),
              },
            },
          ],
        },
      ],
    },
  };
  return new TextEncoder().encode(JSON.stringify(model));
}
