namespace Flotilla.Portal.Contracts;

/// <summary>An error answer, <c>application/problem+json</c> (RFC 9457) with two members of ours.</summary>
/// <param name="Code">A stable word for programs, such as <c>nameTaken</c>.</param>
/// <param name="Errors">One entry for each field that is wrong; empty when no field is to blame.</param>
public sealed record Problem(
    string Title, int Status, string? Detail = null, string? Code = null, IReadOnlyList<FieldProblem>? Errors = null)
{
    public const string MediaType = "application/problem+json";

    public string Type { get; init; } = "about:blank";
}

/// <param name="Field">The field's JSON name in the request, such as <c>workers</c>.</param>
public sealed record FieldProblem(string Field, string Message);
