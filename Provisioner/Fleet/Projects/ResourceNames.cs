using System.Text.RegularExpressions;

namespace Flotilla.Provisioner.Fleet.Projects;

/// <summary>Names users give: DNS labels (RFC 1035), at most 40 characters, so that a node's name made of one still is a label.</summary>
public static partial class ResourceNames
{
    public const int MaxLength = 40;

    /// <summary>Null when the name is fine.</summary>
    public static FleetError? Validate(string name, string field = "name")
    {
        if (name.Length == 0) { return new("name.required", "A name is required.", field); }
        if (name.Length > MaxLength) { return new("name.invalid", $"The name is {name.Length} characters long; at most {MaxLength} are allowed.", field); }
        return Label().IsMatch(name)
            ? null
            : new("name.invalid", "Use lower-case letters, digits and '-'; start with a letter and end with a letter or digit.", field);
    }

    [GeneratedRegex("^[a-z]([-a-z0-9]*[a-z0-9])?$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Label();
}
