using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Flotilla.Portal.Contracts;
using Spectre.Console;

namespace Flotilla.Portal.Cli.Output;

/// <summary>Writes results to standard output in the format that was asked for; progress and errors go to standard error.</summary>
internal sealed class Printer(TextWriter output, TextWriter error, TimeProvider clock)
{
    private static readonly PortalJson Indented = new(new JsonSerializerOptions(PortalJson.Default.Options) { WriteIndented = true });

    public TimeProvider Clock => clock;

    public void Print<T>(OutputFormat format, T value, JsonTypeInfo<T> type, Func<T, TableRows> rows)
    {
        switch (format)
        {
            case OutputFormat.Json:
                output.WriteLine(JsonSerializer.Serialize(value, Indented.GetTypeInfo(typeof(T))!));
                break;
            case OutputFormat.Yaml:
                output.WriteLine(YamlText.Of(JsonSerializer.SerializeToNode(value, type)));
                break;
            default:
                PrintTable(rows(value));
                break;
        }
    }

    public void Line(string text) => output.WriteLine(text);

    public void Progress(string text) => error.WriteLine(text);

    private void PrintTable(TableRows rows)
    {
        if (rows.Rows.Count == 0)
        {
            error.WriteLine(rows.Empty);
            return;
        }
        var table = new Table().Border(TableBorder.None).ShowHeaders();
        foreach (var column in rows.Columns) { table.AddColumn(new TableColumn(Markup.Escape(column)).NoWrap().PadRight(3).PadLeft(0)); }
        foreach (var row in rows.Rows) { table.AddRow([.. row.Select(cell => new Text(cell))]); }
        var settings = new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output), Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors };
        var console = AnsiConsole.Create(settings);
        console.Profile.Width = 400;
        console.Write(table);
    }
}

/// <param name="Empty">What is said, on standard error, when there are no rows.</param>
internal sealed record TableRows(string[] Columns, IReadOnlyList<string[]> Rows, string Empty = "nothing found");
