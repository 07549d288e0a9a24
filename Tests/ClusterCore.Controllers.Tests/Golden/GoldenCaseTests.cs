using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;
using Xunit.Sdk;

namespace Flotilla.ClusterCore.Controllers.Tests.Golden;

/// <summary>
/// Runs every case below the folder Cases: what a controller observes, and the plan it makes of that. A folder is a plan, a file a
/// subject; a case is added without code. Of a plan only what a case names is compared, lists as a whole.
/// </summary>
public sealed class GoldenCaseTests
{
    private static readonly string Root = Path.Combine(AppContext.BaseDirectory, "Cases");

    public static TheoryData<string, string> Cases()
    {
        var data = new TheoryData<string, string>();
        foreach (var file in Directory.EnumerateFiles(Root, "*.yaml", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            foreach (var one in Load(file)) { data.Add(Path.GetRelativePath(Root, file), (string)one!["case"]!); }
        }
        return data;
    }

    [Theory, MemberData(nameof(Cases))]
    public void The_plan_is_as_the_case_says(string file, string name)
    {
        var one = (JsonObject)Load(Path.Combine(Root, file)).Single(item => (string?)item!["case"] == name)!;
        var plan = GoldenPlans.All[Path.GetDirectoryName(file)!].Compute(new GoldenCase(one));
        var expected = one["plan"] as JsonObject ?? throw new XunitException("the case expects nothing");
        if (Difference(expected, plan, "plan") is { } difference)
        {
            throw new XunitException($"{difference}\nthe whole plan:\n{System.Text.Encoding.UTF8.GetString(YamlCodec.Encode(plan))}");
        }
    }

    [Fact]
    public void Every_folder_of_cases_is_of_a_plan() =>
        Assert.Equal(GoldenPlans.All.Keys.Order(), Directory.EnumerateDirectories(Root).Select(Path.GetFileName).Order());

    [Fact]
    public void Every_plan_there_is_has_cases()
    {
        var plans = typeof(ControllerTerm).Assembly.GetTypes().Where(type => type.Name.EndsWith("Plan", StringComparison.Ordinal));
        Assert.Empty(plans.Except(GoldenPlans.All.Values.SelectMany(golden => golden.Types)).Select(type => type.FullName));
    }

    /// <returns>Null where everything that is expected is there.</returns>
    private static string? Difference(JsonNode? expected, JsonNode? actual, string path) => (expected, actual) switch
    {
        (JsonObject fields, JsonObject found) => fields.Select(field => Difference(field.Value, found[field.Key], $"{path}.{field.Key}")).FirstOrDefault(text => text is not null),
        (JsonArray items, JsonArray found) when items.Count == found.Count =>
            items.Select((item, i) => Difference(item, found[i], $"{path}[{i}]")).FirstOrDefault(text => text is not null),
        // What is empty or zero is left out.
        (JsonArray { Count: 0 } or JsonObject { Count: 0 }, null) => null,
        (JsonValue zero, null) when zero.ToString() is "0" or "false" or "" => null,
        (JsonValue or null, JsonValue or null) when expected?.ToString() == actual?.ToString() => null,
        _ => $"{path} is {actual?.ToJsonString() ?? "absent"}, not {expected?.ToJsonString() ?? "absent"}",
    };

    private static JsonArray Load(string file) =>
        YamlCodec.TryParse(File.ReadAllBytes(file), out var node, out var error)
            // Read anew, numbers convert to whatever they are asked for.
            ? JsonNode.Parse(node!.ToJsonString())!.AsArray()
            : throw new XunitException($"{file}: {error}");
}
