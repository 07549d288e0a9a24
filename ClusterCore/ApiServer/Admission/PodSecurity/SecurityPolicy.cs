using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Admission.PodSecurity;

/// <summary>What a namespace's labels ask of its pods: to be refused, to be noted, to be warned about.</summary>
internal sealed record SecurityPolicy(SecurityStandard Enforce, SecurityStandard Audit, SecurityStandard Warn)
{
    private const string Prefix = "pod-security.kubernetes.io/";

    public bool AsksNothing => Enforce.Level == SecurityLevel.Privileged && Audit.Level == SecurityLevel.Privileged && Warn.Level == SecurityLevel.Privileged;

    /// <summary>There is always a policy: a wrong label enforces the strictest level, and neither notes nor warns.</summary>
    public static SecurityPolicy Read(IReadOnlyDictionary<string, string> labels, out IReadOnlyList<FieldError> errors)
    {
        var wrong = new List<FieldError>();
        errors = wrong;
        var enforce = Mode(labels, "enforce", SecurityLevel.Restricted, wrong);
        var audit = Mode(labels, "audit", SecurityLevel.Privileged, wrong);
        var warn = Mode(labels, "warn", SecurityLevel.Privileged, wrong);
        // Who enforces a level and says nothing of warnings is warned of it: about templates, whose pods would be refused later.
        var isEnforced = labels.TryGetValue(Prefix + "enforce", out var level) && SecurityStandard.ParseLevel(level) is not null;
        if (isEnforced && !labels.ContainsKey(Prefix + "warn") && enforce.Level > warn.Level)
        {
            warn = new(enforce.Level, labels.ContainsKey(Prefix + "warn-version") ? warn.Minor : enforce.Minor);
        }

        return new(enforce, audit, warn);
    }

    private static SecurityStandard Mode(IReadOnlyDictionary<string, string> labels, string mode, SecurityLevel whenWrong, List<FieldError> errors)
    {
        var (level, minor) = (SecurityStandard.Privileged.Level, SecurityStandard.Latest);
        if (labels.TryGetValue(Prefix + mode, out var text))
        {
            level = SecurityStandard.ParseLevel(text) ?? whenWrong;
            if (SecurityStandard.ParseLevel(text) is null) { errors.Add(Invalid(mode, text, "must be one of privileged, baseline, restricted")); }
        }

        if (labels.TryGetValue($"{Prefix}{mode}-version", out text))
        {
            minor = SecurityStandard.ParseMinor(text) ?? SecurityStandard.Latest;
            if (SecurityStandard.ParseMinor(text) is null) { errors.Add(Invalid($"{mode}-version", text, "must be \"latest\" or \"v1.x\"")); }
        }

        return new(level, minor);
    }

    private static FieldError Invalid(string label, string value, string detail) => FieldError.Invalid($"metadata.labels[{Prefix}{label}]", value, detail);
}
