/// The look of a report: in light, in dark, on a phone and on paper.
enum ReportStyle {
    static let css: Markup = """
        :root {
          --text: #1a1d21; --soft: #5a626c; --page: #fff; --panel: #f6f7f9; --rule: #dfe3e8;
          --c0: #0b62a4; --c1: #c2410c; --c2: #15803d; --c3: #7c3aed;
          --c4: #a16207; --c5: #be185d; --c6: #0e7490; --c7: #4b5563;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --text: #e6e8eb; --soft: #a3abb5; --page: #14171a; --panel: #1d2125; --rule: #363c43;
            --c0: #6cb6ff; --c1: #ff9d6b; --c2: #6fd58d; --c3: #c4a5ff;
            --c4: #e3c04f; --c5: #ff8fc0; --c6: #5fd3e6; --c7: #b6bec8;
          }
        }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
        main { max-width: 1120px; margin: 0 auto; padding: 24px 16px 48px; }
        h1 { font-size: 26px; margin: 0 0 8px; }
        h2 { font-size: 19px; margin: 32px 0 8px; }
        h3 { font-size: 15px; margin: 16px 0 6px; overflow-wrap: anywhere; }
        .note { border-left: 4px solid var(--c1); padding: 4px 12px; background: var(--panel); }
        .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); gap: 16px; }
        .chart { margin: 0; padding: 12px; background: var(--panel); border-radius: 8px; break-inside: avoid; }
        figcaption { font-weight: 600; margin-bottom: 4px; }
        .chart > svg { display: block; width: 100%; height: auto; }
        svg text { fill: var(--soft); font: 12px system-ui, sans-serif; }
        .end { text-anchor: end; } .middle { text-anchor: middle; }
        .grid { stroke: var(--rule); stroke-width: 1; fill: none; }
        .halo { paint-order: stroke; stroke: var(--panel); stroke-width: 4px; }
        .mark { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 3 3; fill: none; }
        .line { stroke: var(--colour); stroke-width: 2; stroke-linejoin: round; fill: none; }
        circle { fill: var(--colour); } .range { stroke: var(--colour); stroke-width: 2; fill: none; }
        .median { stroke: var(--colour); stroke-width: 3; fill: none; } .round { fill-opacity: 0.55; }
        .dashed .line { stroke-dasharray: 7 4; } .dotted .line { stroke-dasharray: 2 3; }
        .c0 { --colour: var(--c0); } .c1 { --colour: var(--c1); } .c2 { --colour: var(--c2); }
        .c3 { --colour: var(--c3); } .c4 { --colour: var(--c4); } .c5 { --colour: var(--c5); }
        .c6 { --colour: var(--c6); } .c7 { --colour: var(--c7); }
        .legend { list-style: none; display: flex; flex-wrap: wrap; gap: 2px 16px; margin: 6px 0 0; padding: 0;
          font-size: 13px; }
        .key { width: 28px; height: 8px; margin-right: 6px; vertical-align: middle; }
        .scroll { overflow-x: auto; margin-top: 20px; break-inside: avoid; }
        table { border-collapse: collapse; width: 100%; font-size: 14px; font-variant-numeric: tabular-nums; }
        th, td { padding: 5px 8px; border-bottom: 1px solid var(--rule); text-align: right; white-space: nowrap; }
        .wrapping tbody th, .wrapping td:nth-child(2) { white-space: normal; text-align: left; min-width: 9em; }
        .wrapping th:nth-child(2) { text-align: left; }
        .scroll + .charts { margin-top: 16px; }
        th:first-child { text-align: left; padding-left: 0; }
        thead th { color: var(--soft); font-weight: 600; font-size: 13px; white-space: normal;
          vertical-align: bottom; }
        tbody th { font-weight: 500; }
        pre { background: var(--panel); padding: 10px 12px; border-radius: 6px; white-space: pre-wrap;
          overflow-wrap: anywhere; font: 13px/1.45 ui-monospace, monospace; margin: 0 0 8px; }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 16px; margin: 0; font-size: 14px; }
        dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
        article { break-inside: avoid; }
        @media (max-width: 480px) {
          table { font-size: 13px; } th, td { padding: 4px 6px; }
          tbody th { white-space: normal; min-width: 8em; }
        }
        @media print {
          :root { --text: #000; --soft: #333; --page: #fff; --panel: #fff; --rule: #bbb;
            --c0: #0b62a4; --c1: #c2410c; --c2: #15803d; --c3: #7c3aed;
            --c4: #a16207; --c5: #be185d; --c6: #0e7490; --c7: #4b5563; }
          body { font-size: 11pt; } main { max-width: none; padding: 0; }
          .chart { border: 1px solid var(--rule); } .scroll { overflow: visible; }
          table { font-size: 8.5pt; } thead th { font-size: 8pt; }
          th, td { padding: 2pt 4pt; white-space: normal; }
          .charts { grid-template-columns: 1fr 1fr; }
        }
        """
}
