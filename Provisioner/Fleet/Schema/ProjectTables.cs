using Flotilla.Provisioner.Fleet.Projects;
using Microsoft.EntityFrameworkCore;

namespace Flotilla.Provisioner.Fleet.Schema;

internal static class ProjectTables
{
    public static void Configure(ModelBuilder builder)
    {
        builder.Entity<Project>(project =>
        {
            project.HasIndex(p => p.Name).IsUnique();
            project.Property(p => p.Name).HasMaxLength(40);
            project.HasOne(p => p.Quota).WithOne().HasForeignKey<Quota>(quota => quota.ProjectId);
            project.Navigation(p => p.Quota).IsRequired();
        });
        builder.Entity<Quota>().ToTable("Quotas").HasKey(quota => quota.ProjectId);
        builder.Entity<Membership>(membership =>
        {
            membership.HasKey(m => new { m.ProjectId, m.UserId });
            membership.Property(m => m.Role).HasConversion<string>().HasMaxLength(20);
        });
    }
}
