using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.CustomResources;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>What pods for Windows may ask: an account, a user, to be processes of the host. No node here runs them; their objects are checked all the same.</summary>
internal static class WindowsOptionsValidation
{
    private const int MostCredentials = 64;
    private static readonly SearchValues<char> notInUserNames = SearchValues.Create("\"/\\:;|=,+*?<>@[]");

    public static void Options(JsonObject? options, string path, FieldErrors errors)
    {
        if (options is null) { return; }
        if (options.Text("gmsaCredentialSpecName") is { } name) { errors.Check($"{path}.gmsaCredentialSpecName", name, ObjectNames.Dns1123Subdomain(name)); }
        if (options.Text("gmsaCredentialSpec") is { } credentials)
        {
            errors.Check($"{path}.gmsaCredentialSpec", credentials, credentials.Length == 0 ? "gmsaCredentialSpec cannot be an empty string"
                : Encoding.UTF8.GetByteCount(credentials) > MostCredentials * 1024 ? $"gmsaCredentialSpec size must be under {MostCredentials} KiB" : null);
        }

        if (options.Text("runAsUserName") is not { } user) { return; }
        foreach (var wrong in UserName(user)) { errors.Invalid($"{path}.runAsUserName", user, $"runAsUserName{wrong}"); }
    }

    /// <summary>Containers that are processes of the host are so all together, and have its network.</summary>
    public static void HostProcess(JsonObject spec, string path, FieldErrors errors)
    {
        var ofPod = spec.Object("securityContext")?.Object("windowsOptions")?.Flag("hostProcess");
        var (containers, hosts) = (0, 0);
        foreach (var (container, at) in PodSecurityValidation.Containers(spec, path))
        {
            var own = container.Object("securityContext")?.Object("windowsOptions")?.Flag("hostProcess");
            if (ofPod is { } all && own is { } one && all != one)
            {
                errors.Invalid($"{at}.securityContext.windowsOptions.hostProcess", one, $"pod hostProcess value must be identical if both are specified, was {(all ? "true" : "false")}");
            }

            (containers, hosts) = (containers + 1, hosts + ((own ?? ofPod) == true ? 1 : 0));
        }

        if (hosts == 0) { return; }
        if (hosts != containers) { errors.Invalid(path, "", "If pod contains any hostProcess containers then all containers must be HostProcess containers"); }
        if (spec.Flag("hostNetwork") != true) { errors.Invalid($"{path}.hostNetwork", false, "hostNetwork must be true if pod contains any hostProcess containers"); }
    }

    /// <summary>Of the form <c>domain\user</c> or <c>user</c>.</summary>
    private static IEnumerable<string> UserName(string text)
    {
        var parts = text.Split('\\');
        if (text.Length == 0) { return [" cannot be an empty string"]; }
        if (text.Any(char.IsControl)) { return [" cannot contain control characters"]; }
        return parts.Length > 2 ? [" cannot contain more than one backslash"] : [.. parts.Length == 2 ? Domain(parts[0]) : [], .. User(parts[^1])];
    }

    private static IEnumerable<string> Domain(string domain)
    {
        if (domain.Length >= 256) { yield return "'s Domain length must be under 256 characters"; }
        if (!GoPattern.Matches("^[^\\\\/:*?\"<>|.][^\\\\/:*?\"<>|]{0,14}$", domain)
            && !GoPattern.Matches("^[a-zA-Z0-9](?:[-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?(?:\\.[a-zA-Z0-9](?:[-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?)*$", domain))
        {
            yield return "'s Domain doesn't match the NetBios nor the DNS format";
        }
    }

    private static IEnumerable<string> User(string user)
    {
        if (user.Length == 0) { yield return "'s User cannot be empty"; }
        if (user.Length > 104) { yield return "'s User length must not be longer than 104 characters"; }
        if (user.Length > 0 && user.All(static c => c is '.' or ' ')) { yield return "'s User cannot contain only periods or spaces"; }
        if (user.AsSpan().ContainsAny(notInUserNames)) { yield return "'s User cannot contain the following characters: \"/\\:;|=,+*?<>@[]"; }
    }
}
