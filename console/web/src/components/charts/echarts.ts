/** The parts of ECharts the page uses, registered once. */
import { BarChart, HeatmapChart, LineChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent, VisualMapComponent } from "echarts/components";
import * as core from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

core.use([BarChart, LineChart, HeatmapChart, GridComponent, LegendComponent, TooltipComponent, VisualMapComponent, CanvasRenderer]);

export { core };
export type { EChartsCoreOption as Option } from "echarts/core";

/** Told apart by people who see colours differently, too. */
export const COLOURS = ["#1d4f86", "#c98a12", "#2f8f6b", "#9b4d96", "#c2553d", "#5f86b8", "#7a8b2c", "#6b5b95", "#3aa0a8", "#8a6d3b", "#b0587a", "#5a6775"];
