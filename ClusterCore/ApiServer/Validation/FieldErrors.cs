using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>Collects what is wrong. Paths are texts that are only put together for fields that are wrong or hold others.</summary>
internal sealed class FieldErrors
{
    private List<FieldError>? list;

    public IReadOnlyList<FieldError> List => list ?? (IReadOnlyList<FieldError>)[];

    public bool Any => list is not null;

    public void Add(FieldError error) => (list ??= []).Add(error);

    public void Required(string field, string detail = "") => Add(FieldError.Required(field, detail));

    public void Invalid(string field, object? value, string detail) => Add(FieldError.Invalid(field, value, detail));

    public void Forbidden(string field, string detail) => Add(FieldError.Forbidden(field, detail));

    public void Duplicate(string field, object? value) => Add(FieldError.Duplicate(field, value));

    public void NotSupported(string field, object? value, IEnumerable<string> supported) => Add(FieldError.NotSupported(field, value, supported));

    /// <summary>Adds an Invalid when there is something wrong: for rules that answer with a message or null.</summary>
    public void Check(string field, object? value, string? wrong)
    {
        if (wrong is not null)
        {
            Invalid(field, value, wrong);
        }
    }

    /// <summary>Adds an Invalid for each thing that is wrong.</summary>
    public void Check(string field, object? value, IReadOnlyList<string> wrongs)
    {
        foreach (var wrong in wrongs) { Invalid(field, value, wrong); }
    }
}
