namespace Flotilla.ClusterCore.ApiServer.Cache;

/// <summary>What a field selector compares. Most fields stand at their path; some stand elsewhere too, or mean something when left out.</summary>
internal static class SelectableField
{
    private const string Involved = "involvedObject.";
    private const string Regarding = "regarding.";

    /// <summary>Events are stored as they were written, in core's words or those of events.k8s.io.</summary>
    private static readonly Dictionary<string, string[]> elsewhere = new(StringComparer.Ordinal)
    {
        ["source"] = ["source.component", "deprecatedSource.component", "reportingComponent", "reportingController"],
        ["reportingComponent"] = ["reportingController"],
        ["reportingController"] = ["reportingComponent"],
    };

    private static readonly HashSet<string> falseIfLeftOut = new(StringComparer.Ordinal) { "spec.unschedulable", "spec.hostNetwork" };

    public static string ValueOf(ObjectIndex index, string path)
    {
        if (index.Field(path) is { Length: > 0 } value) { return value; }
        if (falseIfLeftOut.Contains(path)) { return "false"; }
        return Others(path).Select(index.Field).FirstOrDefault(other => other.Length > 0, "");
    }

    private static IEnumerable<string> Others(string path)
    {
        if (path.StartsWith(Involved, StringComparison.Ordinal)) { return [Regarding + path[Involved.Length..]]; }
        if (path.StartsWith(Regarding, StringComparison.Ordinal)) { return [Involved + path[Regarding.Length..]]; }
        return elsewhere.GetValueOrDefault(path, []);
    }
}
