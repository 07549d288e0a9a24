using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>The names that storage and device drivers give: of themselves, their pools and what they say about devices.</summary>
internal static class DriverNames
{
    private const int LongestDriver = 63;
    private const int LongestPool = 253;
    private const int LongestIdentifier = 32;
    private const string IdentifierRule =
        "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' "
        + "(e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '[A-Za-z_][A-Za-z0-9_]*')";

    public static void Driver(string? name, string path, FieldErrors errors)
    {
        if (string.IsNullOrEmpty(name))
        {
            errors.Required(path);
            return;
        }

        if (name.Length > LongestDriver)
        {
            errors.Add(FieldError.TooLong(path, LongestDriver));
        }

        errors.Check(path, name, ObjectNames.Dns1123Subdomain(name.ToLowerInvariant()));
    }

    public static void Pool(string? name, string path, FieldErrors errors)
    {
        if (string.IsNullOrEmpty(name))
        {
            errors.Required(path);
            return;
        }

        if (name.Length > LongestPool)
        {
            errors.Add(FieldError.TooLong(path, LongestPool));
        }

        foreach (var part in name.Split('/'))
        {
            errors.Check(path, part, ObjectNames.Dns1123Subdomain(part));
        }
    }

    /// <summary>The name of an attribute or a capacity: an identifier, behind a driver's name and a slash where it is another's.</summary>
    public static void Qualified(string name, string path, FieldErrors errors)
    {
        var parts = name.Split('/');
        switch (parts)
        {
            case [var identifier]:
                Identifier(identifier, path, errors);
                break;
            case [var domain, var identifier]:
                Part(domain, "the domain must not be empty", path, errors, Driver);
                Part(identifier, "the name must not be empty", path, errors, Identifier);
                break;
            default:
                errors.Invalid(path, name, "must not contain more than one slash");
                break;
        }
    }

    public static void FullyQualified(string name, string path, FieldErrors errors)
    {
        Qualified(name, path, errors);
        if (!name.Contains('/'))
        {
            errors.Invalid(path, name, "a fully qualified name must be a domain and a name separated by a slash");
        }
    }

    private static void Part(string part, string whenEmpty, string path, FieldErrors errors, Action<string, string, FieldErrors> rule)
    {
        if (part.Length == 0)
        {
            errors.Invalid(path, "", whenEmpty);
        }
        else
        {
            rule(part, path, errors);
        }
    }

    private static void Identifier(string name, string path, FieldErrors errors)
    {
        if (name.Length > LongestIdentifier)
        {
            errors.Add(FieldError.TooLong(path, LongestIdentifier));
        }

        if (name.Length == 0 || char.IsAsciiDigit(name[0]) || !name.All(static c => char.IsAsciiLetterOrDigit(c) || c == '_'))
        {
            errors.Invalid(path, name, IdentifierRule);
        }
    }
}
