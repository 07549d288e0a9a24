using Flotilla.Portal.Contracts;

namespace Flotilla.Portal.Cli.Api;

/// <summary>A problem as one line: <c>name: is taken; workers: must be at least 1</c>.</summary>
internal static class ProblemText
{
    public static string Of(Problem problem)
    {
        var text = problem.Errors is { Count: > 0 } errors
            ? string.Join("; ", errors.Select(error => $"{error.Field}: {error.Message}"))
            : problem.Detail ?? problem.Title;
        return text.ReplaceLineEndings(" ");
    }
}
